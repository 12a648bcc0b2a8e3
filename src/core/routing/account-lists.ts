import { configuredKeys, settingsOf } from '../auth/credentials.ts'
import type { AccountSettings } from '../auth/credentials.ts'
import type { Credential } from '../auth/credential.ts'
import { infoOf } from '../models/merge.ts'
import type { Provider, Route } from '../registry.ts'
import { isStoreFault } from '../store/errors.ts'
import { credentialOf } from '../store/index.ts'
import { noAnswer } from '../store/no-answer.ts'
import type { TokenStore } from '../store/index.ts'
import { fingerprintOf, idOf } from './account.ts'
import type { Account } from './account.ts'
import { AccountList } from './account-list.ts'
import { Lru } from '../lru.ts'
import { LATE, within } from '../async/waiting.ts'

const MOST_MODELS = 200
/** Milliseconds that the store may take to tell the logins of a provider of which some are known. */
const PATIENCE_MS = 1000
/** Where it took longer or failed, those count for so many without being asked for. */
const GO_ON_MS = 5000

/** What is the same of an account for every model. */
type Entry = Omit<Account, 'provider' | 'model' | 'route'>

interface Known {
  /** Of the store, when its logins were read. */
  stamp: string
  entries: Entry[]
  /** By the model and its place among the routes. */
  models: Lru<string, Account[]>
  /** By the clock of `performance`: until when it counts, whatever the store says. */
  goesOnUntil: number
}

/**
 * The accounts of requests: made anew only where config or a login changed, for to hash and to decrypt thousands would be the most
 * of a request.
 */
export class AccountLists {
  readonly #store: TokenStore
  readonly #onUnread: (fault: unknown) => void
  #unread = false
  /** A new config brings new providers. */
  readonly #known = new WeakMap<Provider, Known>()
  /** By the accounts of the first route. */
  readonly #joined = new WeakMap<Account[], { parts: Account[][]; list: AccountList }>()

  /** @param onUnread told once why the store cannot be read, when what was known goes on */
  constructor(store: TokenStore, onUnread: (fault: unknown) => void = () => {}) {
    this.#store = store
    this.#onUnread = onUnread
  }

  /**
   * The accounts of the routes, one route's after the other's. The same object, as long as nothing changed; as it is, where nothing can
   * have.
   */
  for(routes: readonly [Route, ...Route[]]): AccountList | Promise<AccountList> {
    const parts: Account[][] = []
    for (const route of routes) {
      const known = signsIn(route.provider) ? undefined : this.#known.get(route.provider)
      if (!known) return this.#read(routes)
      parts.push(accountsOf(known, route, parts.length))
    }
    return this.#join(parts)
  }

  async #read(routes: readonly Route[]): Promise<AccountList> {
    const parts: Account[][] = []
    for (const route of routes) parts.push(accountsOf(await this.#readOne(route.provider), route, parts.length))
    return this.#join(parts)
  }

  #join(parts: Account[][]): AccountList {
    const [head = []] = parts
    const joined = this.#joined.get(head)
    if (joined?.parts.length === parts.length && joined.parts.every((part, index) => part === parts[index])) {
      return joined.list
    }
    const list = new AccountList(parts.length === 1 ? head : parts.flat())
    this.#joined.set(head, { parts, list })
    return list
  }

  /** As the store has them; or as they were, where it cannot be read now: keys, and tokens that are still good, work without it. */
  async #readOne(provider: Provider): Promise<Known> {
    const known = this.#known.get(provider)
    if (known && performance.now() < known.goesOnUntil) return known
    let fault: unknown
    try {
      const stamp = signsIn(provider) ? await this.#store.stamp?.() : ''
      if (known && known.stamp === stamp) return known
      const listed = this.#list(provider, stamp)
      const fresh = known ? await within(listed, PATIENCE_MS) : await listed
      if (fresh !== LATE) {
        this.#unread = false
        return fresh
      }
      fault = noAnswer(PATIENCE_MS)
    } catch (error) {
      if (!isStoreFault(error) || error.code === 'closed') throw error
      fault = error
    }
    if (!known) throw fault
    known.goesOnUntil = performance.now() + GO_ON_MS
    if (!this.#unread) this.#onUnread(fault)
    this.#unread = true
    return known
  }

  async #list(provider: Provider, stamp: string | undefined): Promise<Known> {
    const entries = configuredKeys(provider).map(({ credential, settings }) => entryOf(provider, credential, settings))
    for (const record of signsIn(provider) ? await this.#store.list(provider.name) : []) {
      if (record.state === 'ok') entries.push(entryOf(provider, credentialOf(record), settingsOf(provider, record)))
    }
    const fresh: Known = { stamp: stamp ?? '', entries, models: new Lru(MOST_MODELS), goesOnUntil: 0 }
    if (stamp !== undefined) this.#known.set(provider, fresh)
    return fresh
  }
}

/**
 * The accounts of a provider in the order of config: its keys, then its logins. A login that only a new one replaces is not
 * among them. Where the model is for one kind of credential, only those are, if there are any: the provider says best
 * what is wrong with another.
 */
function accountsOf({ entries, models }: Known, { provider, model }: Route, route: number): Account[] {
  const name = `${route} ${model}`
  let accounts = models.get(name)
  if (!accounts) {
    const kind = infoOf(provider, model)?.credential
    const fit = entries.filter(({ credential }) => kind === undefined || kind === credential.kind)
    accounts = (fit.length > 0 ? fit : entries).map((entry) => ({ provider, model, route, ...entry }))
    models.set(name, accounts)
  }
  return accounts
}

function signsIn({ plugin }: Provider): boolean {
  return plugin.auth.some(({ kind }) => kind === 'oauth')
}

function entryOf(provider: Provider, credential: Credential, { weight, priority, proxy }: AccountSettings): Entry {
  const fingerprint = fingerprintOf(provider, credential)
  const { kind, account } = credential
  const id = idOf({ provider: provider.name, kind, account, fingerprint })
  return { credential, weight, priority, ...(proxy && { proxy }), id, fingerprint }
}
