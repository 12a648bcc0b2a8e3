import type { ExecutorContext } from '../plugin/plugin.ts'

/** Whose refusal it was, and of which model. */
export type Refused = Pick<ExecutorContext, 'config' | 'credential'> & {
  request: Pick<ExecutorContext['request'], 'model'>
}

/** What an account's models were found to take, by what they refused. It holds for one config: a new one is a new try. */
export class Learnt<Value> {
  readonly #byConfig = new WeakMap<object, Map<string, Value>>()

  get(refused: Refused, asked?: string): Value | undefined {
    return this.#byConfig.get(refused.config)?.get(keyOf(refused, asked))
  }

  /** @param asked what it was refused in place of, where that matters */
  set(refused: Refused, value: Value, asked?: string): void {
    const known = this.#byConfig.get(refused.config) ?? new Map<string, Value>()
    this.#byConfig.set(refused.config, known.set(keyOf(refused, asked), value))
  }
}

function keyOf({ credential, request }: Refused, asked: string | undefined): string {
  return JSON.stringify([credential.account, request.model, asked])
}
