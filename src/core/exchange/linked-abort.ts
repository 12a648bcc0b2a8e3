import { Abort, whenAborted } from '../abort.ts'
import type { Stop } from '../abort.ts'

/** An abort of one's own that the client's ends too, and byok's end. */
export class LinkedAbort extends Abort {
  /** What it follows: the client's own. */
  readonly client: Stop
  /** Lets go of those it follows, which may live longer than what is aborted here. */
  readonly unlink: () => void

  constructor(client: Stop, closing: Stop) {
    super()
    this.client = client
    const unlinks = [client, closing].map((stop) => {
      const follow = () => this.abort(stop.reason)
      if (stop.aborted) follow()
      return whenAborted(stop, follow)
    })
    this.unlink = () => {
      for (const unlink of unlinks) unlink()
    }
  }
}
