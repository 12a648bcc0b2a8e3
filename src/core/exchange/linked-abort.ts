import { Abort, whenAborted } from '../async/abort.ts'
import type { Stop } from '../async/abort.ts'
import type { Closing } from './shutting-down.ts'

/** An abort of one's own that the client's ends too, and byok's end. */
export class LinkedAbort extends Abort {
  /** What it follows: the client's own. */
  readonly client: Stop
  readonly #unfollow: () => void
  readonly #leave: () => void
  #onBegun: (() => void) | undefined
  #onAbort: ((reason: unknown) => void) | undefined

  constructor(client: Stop, closing: Closing) {
    super()
    this.client = client
    const follow = () => this.abort(client.reason)
    this.#unfollow = whenAborted(client, follow)
    if (client.aborted) follow()
    this.#leave = closing.follow(this)
  }

  override abort(reason?: unknown): void {
    super.abort(reason)
    this.#onAbort?.(this.reason)
  }

  /**
   * What `work` gives, unless this is aborted first: for one piece of work after the other. Listeners for it would be a thirtieth of a small request.
   * @throws why it was aborted
   */
  orAborted<T>(work: PromiseLike<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      // A plugin's may be no promise.
      Promise.resolve(work).then(resolve, reject)
      this.#onAbort = reject
      if (this.aborted) this.#onAbort(this.reason)
    })
  }

  /** Lets go of those it follows, which may live longer than what is aborted here. */
  unlink(): void {
    this.#unfollow()
    this.#leave()
    this.#onBegun = undefined
    this.#onAbort = undefined
  }

  /** Who is told once the model has begun to answer, where that answer is first collected and so has yet to reach the client. */
  whenBegun(tell: () => void): void {
    this.#onBegun = tell
  }

  begun(): void {
    this.#onBegun?.()
  }
}
