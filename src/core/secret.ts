import { inspect } from 'node:util'

/** Shorter words would be found in harmless text. */
const SHORTEST = 8
const MOST_KNOWN = 500
/** The latest secrets of this process, so that they can be found in what somebody else wrote. */
const known = new Set<string>()

function remember(value: string): void {
  if (value.length < SHORTEST) return
  known.delete(value)
  known.add(value)
  const [oldest] = known
  if (known.size > MOST_KNOWN && oldest !== undefined) known.delete(oldest)
}

/** Whether a text has a secret of this process in it. */
export function holdsSecret(text: string): boolean {
  for (const value of known) if (text.includes(value)) return true
  return false
}

/** A text without any secret that this process holds. */
export function withoutSecrets(text: string): string {
  let clean = text
  for (const value of known) if (clean.includes(value)) clean = clean.replaceAll(value, '[secret]')
  return clean
}

/**
 * A token or key that cannot be printed by mistake: `String()`, template literals, `JSON.stringify`, `console.log` and
 * `util.inspect` all show `[secret]`. Only {@link Secret.reveal} gives the value, so a search for that word finds every
 * place a secret leaves this process.
 */
export class Secret {
  readonly #value: string

  constructor(value: string) {
    this.#value = value
    remember(value)
  }

  reveal(): string {
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
