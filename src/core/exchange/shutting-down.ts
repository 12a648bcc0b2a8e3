import type { Abort } from '../async/abort.ts'
import { ChatError } from '../chat/index.ts'
import { UnderWay } from '../async/under-way.ts'

/** byok ends what is under way. No account is worse for that, and the client, who is still there, is told. */
export class ShuttingDown extends ChatError {
  constructor(message = 'byok was stopped before this answer was complete. Try again.') {
    super(message, { status: 503, code: 'shutting_down' })
  }
}

/** byok's end, which all that is under way follows. */
export class Closing {
  /** Once byok closes. */
  reason: ShuttingDown | undefined
  readonly #underWay = new UnderWay<Abort>()

  /** @returns to be called once the work is over */
  follow(work: Abort): () => void {
    if (this.reason) work.abort(this.reason)
    return this.#underWay.add(work)
  }

  end(): void {
    this.reason = new ShuttingDown()
    for (const work of this.#underWay) work.abort(this.reason)
  }
}
