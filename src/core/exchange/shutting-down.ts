import { ChatError } from '../chat/index.ts'

/** byok ends what is under way. No account is worse for that, and the client, who is still there, is told. */
export class ShuttingDown extends ChatError {
  constructor(message = 'byok was stopped before this answer was complete. Try again.') {
    super(message, { status: 503, code: 'shutting_down' })
  }
}
