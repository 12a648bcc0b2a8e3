import { Abort, whenAborted } from '../abort.ts'
import type { Stop } from '../abort.ts'

/** An abort of one's own that the client's ends too. */
export class LinkedAbort extends Abort {
  /** What it follows: the client's own. */
  readonly client: Stop
  /** Lets go of the client's, which may live longer than what is aborted here. */
  readonly unlink: () => void

  constructor(client: Stop) {
    super()
    this.client = client
    const follow = () => this.abort(client.reason)
    this.unlink = whenAborted(client, follow)
    if (client.aborted) follow()
  }
}
