import { readFileSync, statSync } from 'node:fs'
import type { Config } from '../config/schema.ts'
import type { RequestInfo } from '../hooks.ts'
import type { Logger } from '../log/log.ts'
import { silentLogger } from '../log/log.ts'
import { Secret } from '../secrets/secret.ts'
import { parseKeyFile } from './created-keys.ts'
import type { CreatedKey } from './created-keys.ts'
import { digestOf, generateKey, isGuessable, readHash, sameDigest } from './key.ts'
import type { ClientKey } from './key.ts'
import { reasonOf } from '../log/fault.ts'
import { isLoopback } from '../routes/guard.ts'

export interface ClientKeysOptions {
  /** As it is now. */
  config: () => Pick<Config, 'host' | 'server'>
  /** The file of the keys that `byok key create` made; `undefined` where there is no folder for it. */
  path?: string | undefined
  logger?: Logger
  now?: () => number
}

/** What a client's words were found to be. */
export type Identified = { key: ClientKey } | { expired: ClientKey } | undefined

/**
 * Who may ask: the keys of config and those that byok made. A change of either counts from the next request on.
 */
export class ClientKeys {
  readonly #options: ClientKeysOptions
  readonly #digests = new WeakMap<Secret, Buffer>()
  readonly #sent = new WeakMap<Pick<RequestInfo, 'client'>, ClientKey>()
  #created: { stamp: string; keys: CreatedKey[]; clients: ClientKey[] } = { stamp: '', keys: [], clients: [] }
  /** Keys are needed, whatever becomes of the last of them: a list that was deleted or revoked opens nothing. */
  #required = false
  #own: { key: Secret; client: ClientKey } | undefined
  #failed = false

  constructor(options: ClientKeysOptions) {
    this.#options = options
  }

  /** The file of created keys. */
  get path(): string | undefined {
    return this.#options.path
  }

  /** Whether a request needs a key. */
  get required(): boolean {
    this.#refresh()
    return this.#required || this.#options.config().server.keys.length > 0
  }

  /** Whether there is any key at all, as of when {@link ClientKeys.required} was last asked. */
  get any(): boolean {
    return this.#own !== undefined || this.#created.clients.length > 0 || this.#options.config().server.keys.length > 0
  }

  /** From now on every request needs a key, as where others can reach this machine. */
  require(): void {
    this.#required = true
  }

  /** Whether byok made a key that would be let in now. */
  get anyCreated(): boolean {
    this.#refresh()
    return this.#created.clients.some((client) => !this.#isOver(client))
  }

  /** Every key that is not revoked, as of when {@link ClientKeys.required} was last asked: once a request. */
  all(): ClientKey[] {
    return [...this.#options.config().server.keys.map((entry) => this.#configured(entry)), ...this.#created.clients]
  }

  /** A request came with a key. */
  admit(info: Pick<RequestInfo, 'client'>, key: ClientKey): void {
    info.client = key.label
    this.#sent.set(info, key)
  }

  /** The very key that a request came with: another may have its label, and it may be revoked by now. */
  keyOf(info: Pick<RequestInfo, 'client'>): ClientKey | undefined {
    return this.#sent.get(info)
  }

  /** What is no error but worth saying. */
  get warnings(): string[] {
    this.#refresh()
    const created = this.#created.clients.map(({ label }) => label)
    const { host, server } = this.#options.config()
    const shared = server.keys.filter(({ label }) => created.includes(label))
    const short = isLoopback(host) ? [] : server.keys.filter(({ key }) => isGuessable(key))
    return [
      ...shared.map(
        ({ label }) =>
          `server.keys has a key ${JSON.stringify(label)}, and so has \`byok key create\`. Each keeps its own scope, but what they use and keep is counted as one's: rename or revoke one.`,
      ),
      ...short.map(
        ({ label }) =>
          `server.keys has a key ${JSON.stringify(label)} that is short enough to be guessed by who reaches byok on ${host}: make one with \`byok key create\` instead.`,
      ),
    ]
  }

  /** The keys of a label that may administer byok, and have not expired. */
  admins(label: string): ClientKey[] {
    return this.all().filter((client) => client.label === label && client.admin && !this.#isOver(client))
  }

  /** Whose key is among the words a client sent. Every key is compared with every word, so that time tells nothing. */
  identify(sent: readonly string[]): Identified {
    const clients = [...this.all(), ...(this.#own ? [this.#own.client] : [])]
    const digests = sent.map(digestOf)
    const matching = clients.filter(({ digest }) => digests.filter((one) => sameDigest(one, digest)).length > 0)
    const valid = matching.find((client) => !this.#isOver(client))
    if (valid) return { key: valid }
    return matching[0] && { expired: matching[0] }
  }

  /** Whether a word is, or was, a key of byok's own: such a word never leaves for anybody else. */
  knows(word: string): boolean {
    const digest = digestOf(word)
    const revoked = this.#created.keys.map(({ hash }) => readHash(hash)).filter((hash) => hash !== undefined)
    const all = [
      ...this.all().map((client) => client.digest),
      ...revoked,
      ...(this.#own ? [this.#own.client.digest] : []),
    ]
    return all.filter((one) => sameDigest(one, digest)).length > 0
  }

  /** A key for byok's own commands, good in this process alone. */
  own(): Secret {
    if (!this.#own) {
      const key = generateKey()
      this.#own = { key: new Secret(key), client: { label: 'byok', digest: digestOf(key), admin: true } }
    }
    return this.#own.key
  }

  #isOver({ expiresAt }: ClientKey): boolean {
    return expiresAt !== undefined && expiresAt <= (this.#options.now ?? Date.now)()
  }

  #configured({ key, label, admin, models, budget, expires_at }: Config['server']['keys'][number]): ClientKey {
    let digest = this.#digests.get(key)
    if (!digest) {
      digest = readHash(key.reveal()) ?? digestOf(key.reveal())
      this.#digests.set(key, digest)
    }
    return {
      label,
      digest,
      admin: admin ?? false,
      ...(models && { models }),
      ...(budget && { budget }),
      ...(expires_at !== undefined && { expiresAt: expires_at }),
    }
  }

  /** Looks whether the file changed: a stat a request, so that a key that is revoked is refused from the next one on. */
  #refresh(): void {
    const { path, logger = silentLogger } = this.#options
    if (path === undefined) return
    try {
      // Most have no such file: an error made and thrown for each request would cost ten times the look.
      const found = statSync(path, { bigint: true, throwIfNoEntry: false })
      if (!found) {
        // Who deletes the list revokes what is on it, but lets nobody in.
        this.#created = { stamp: '', keys: [], clients: [] }
        return
      }
      const stamp = `${found.mtimeNs}.${found.size}.${found.ino}`
      if (stamp === this.#created.stamp) return
      const keys = parseKeyFile(readFileSync(path, 'utf8'), path)
      const clients = keys.filter(({ revoked_at }) => revoked_at === undefined).map(clientOf)
      this.#created = { stamp, keys, clients }
      if (keys.length > 0) this.#required = true
      this.#failed = false
    } catch (error) {
      // A list that cannot be read is there all the same: those known stay, and nobody comes in without a key.
      this.#required = true
      if (!this.#failed) {
        logger.error('the client keys cannot be read; the last ones known stay', {
          fault: reasonOf(error),
        })
      }
      this.#failed = true
    }
  }
}

function clientOf({ label, hash, admin = false, models, budget, expires_at }: CreatedKey): ClientKey {
  return {
    label,
    digest: readHash(hash) ?? Buffer.alloc(32),
    admin,
    ...(models && { models }),
    ...(budget && { budget }),
    ...(expires_at !== undefined && { expiresAt: expires_at }),
  }
}
