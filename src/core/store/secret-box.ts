import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'

/** Version 1 of a sealed text: `v1.<nonce>.<ciphertext and tag>`, both base64url. */
const SEALED = /^v1\.([\w-]{16})\.([\w-]{22,})$/
/** Version 1 of a key as text: 32 bytes, base64url. */
const KEY = /^byok-key-v1:([\w-]{43})$/
const NONCE_BYTES = 12
const TAG_BYTES = 16

/** The key that a store's secrets are encrypted with. Printing it shows only its id. */
export class MasterKey {
  readonly #bytes: Buffer
  /** Names the key without giving it away: a hash of it. */
  readonly id: string

  private constructor(bytes: Buffer) {
    this.#bytes = bytes
    this.id = createHash('sha256').update('byok key id\0').update(bytes).digest('hex').slice(0, 32)
  }

  static generate(): MasterKey {
    return new MasterKey(randomBytes(32))
  }

  /** Reads what {@link MasterKey.reveal} wrote; `undefined` for any other text. */
  static parse(text: string): MasterKey | undefined {
    const encoded = KEY.exec(text.trim())?.[1]
    return encoded === undefined ? undefined : new MasterKey(Buffer.from(encoded, 'base64url'))
  }

  /** The key as one line of text, for the key file or the keychain and nothing else. */
  reveal(): string {
    return `byok-key-v1:${this.#bytes.toString('base64url')}`
  }

  /**
   * AES-256-GCM under a fresh nonce. Bound to the account, so that a row's secret copied to another row does not open.
   */
  seal(provider: string, account: string, text: string): string {
    const nonce = randomBytes(NONCE_BYTES)
    const cipher = createCipheriv('aes-256-gcm', this.#bytes, nonce, { authTagLength: TAG_BYTES })
    cipher.setAAD(boundTo(provider, account))
    const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()])
    return `v1.${nonce.toString('base64url')}.${sealed.toString('base64url')}`
  }

  /** `undefined` where the text was changed, is another account's, or was sealed with another key. */
  open(provider: string, account: string, text: string): string | undefined {
    const [, nonce, encoded] = SEALED.exec(text) ?? []
    if (nonce === undefined || encoded === undefined) return undefined
    const sealed = Buffer.from(encoded, 'base64url')
    const tagStart = sealed.length - TAG_BYTES
    const decipher = createDecipheriv('aes-256-gcm', this.#bytes, Buffer.from(nonce, 'base64url'), {
      authTagLength: TAG_BYTES,
    })
    decipher.setAAD(boundTo(provider, account))
    decipher.setAuthTag(sealed.subarray(tagStart))
    try {
      const opened = decipher.update(sealed.subarray(0, tagStart))
      // GCM keeps nothing back for the end, which only checks the tag.
      decipher.final()
      return opened.toString('utf8')
    } catch {
      return undefined
    }
  }
}

/** JSON, because joining the two names with any separator could read as two other names. */
function boundTo(provider: string, account: string): Buffer {
  return Buffer.from(JSON.stringify(['byok', 'v1', provider, account]))
}
