import type { Abort } from '../async/abort.ts'
import type { ExecutorContext } from '../plugin/plugin.ts'

/**
 * What an executor is handed. Its signal is made where somebody asks for it, as who spreads the context does; hardly any executor needs it.
 *
 * A getter within an object literal would be another function for each object, which V8 puts among what only a full collection frees
 * (`eslint.config.js` says more), and with it all that the getter knows: a twelfth of what a small request costs. This one is the same
 * for all.
 */
export class AttemptContext implements ExecutorContext {
  readonly provider: string
  readonly request: ExecutorContext['request']
  readonly credential: ExecutorContext['credential']
  readonly config: ExecutorContext['config']
  readonly clientHeaders: Headers
  declare readonly signal: AbortSignal
  readonly fetch: ExecutorContext['fetch']
  readonly requestId: string
  readonly #abort: Pick<Abort, 'signal'>

  static readonly #signal: PropertyDescriptor & ThisType<AttemptContext> = {
    enumerable: true,
    get() {
      return this.#abort.signal
    },
  }

  constructor(known: Omit<ExecutorContext, 'signal'> & { clientHeaders: Headers }, abort: Pick<Abort, 'signal'>) {
    this.provider = known.provider
    this.request = known.request
    this.credential = known.credential
    this.config = known.config
    this.clientHeaders = known.clientHeaders
    Object.defineProperty(this, 'signal', AttemptContext.#signal)
    this.fetch = known.fetch
    this.requestId = known.requestId
    this.#abort = abort
  }
}
