import { Abort, whenAborted } from '../abort.ts'
import type { Stop } from '../abort.ts'
import type { Closing } from './shutting-down.ts'

/** An abort of one's own that the client's ends too, and byok's end. */
export class LinkedAbort extends Abort {
  /** What it follows: the client's own. */
  readonly client: Stop
  /** Lets go of those it follows, which may live longer than what is aborted here. */
  readonly unlink: () => void
  /** Told once the model has begun to answer, where that answer is first collected and so has yet to reach the client. */
  onBegun: (() => void) | undefined

  constructor(client: Stop, closing: Closing) {
    super()
    this.client = client
    const follow = () => this.abort(client.reason)
    const unlink = whenAborted(client, follow)
    if (client.aborted) follow()
    const leave = closing.follow(this)
    this.unlink = () => {
      unlink()
      leave()
      this.onBegun = undefined
    }
  }
}
