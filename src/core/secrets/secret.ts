import { inspect } from 'node:util'
import { rememberSecret } from './known-secrets.ts'

/**
 * A token or key that cannot be printed by mistake: `String()`, template literals, `JSON.stringify`, `console.log` and
 * `util.inspect` all show `[secret]`. Only {@link Secret.reveal} gives the value, so a search for that word finds every
 * place a secret leaves this process.
 */
export class Secret {
  readonly #value: string

  constructor(value: string) {
    this.#value = value
    rememberSecret(value)
  }

  reveal(): string {
    // A key of config is made once, and each refresh makes others: what is sent is what an error may quote.
    rememberSecret(this.#value)
    return this.#value
  }

  toString(): string {
    return '[secret]'
  }

  toJSON(): string {
    return '[secret]'
  }

  [inspect.custom](): string {
    return '[secret]'
  }
}

export function sameSecret(one: Secret | undefined, other: Secret | undefined): boolean {
  return one?.reveal() === other?.reveal()
}
