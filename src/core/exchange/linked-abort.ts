import { Abort, whenAborted } from '../abort.ts'
import type { Stop } from '../abort.ts'

/** An abort of one's own that somebody else's ends too. */
export class LinkedAbort extends Abort {
  /** Lets go of the other, which may live longer than what is aborted here. */
  readonly unlink: () => void

  constructor(other: Stop) {
    super()
    const follow = () => this.abort(other.reason)
    this.unlink = whenAborted(other, follow)
    if (other.aborted) follow()
  }
}
