import { Abort, whenAborted } from '../abort.ts'
import type { Stop } from '../abort.ts'
import type { Closing } from './shutting-down.ts'

/** An abort of one's own that the client's ends too, and byok's end. */
export class LinkedAbort extends Abort {
  /** What it follows: the client's own. */
  readonly client: Stop
  readonly #unfollow: () => void
  readonly #leave: () => void
  #onBegun: (() => void) | undefined

  constructor(client: Stop, closing: Closing) {
    super()
    this.client = client
    const follow = () => this.abort(client.reason)
    this.#unfollow = whenAborted(client, follow)
    if (client.aborted) follow()
    this.#leave = closing.follow(this)
  }

  /** Lets go of those it follows, which may live longer than what is aborted here. */
  unlink(): void {
    this.#unfollow()
    this.#leave()
    this.#onBegun = undefined
  }

  /** Who is told once the model has begun to answer, where that answer is first collected and so has yet to reach the client. */
  whenBegun(tell: () => void): void {
    this.#onBegun = tell
  }

  begun(): void {
    this.#onBegun?.()
  }
}
