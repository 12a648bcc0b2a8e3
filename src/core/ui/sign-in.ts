import { randomUUID } from 'node:crypto'
import type { LoginUi } from '../auth/context.ts'
import type { Auth } from '../auth/auth.ts'
import { reasonOf } from '../log/fault.ts'
import type { Provider } from '../registry.ts'
import { EventStream } from './event-stream.ts'
import type { Mailbox } from './mailbox.ts'
import type { SignInEvents } from './types.ts'

/** A login that a page sees through. */
interface Running {
  provider: string
  stop: AbortController
}

/**
 * Logins that are made on a page. Each is as long as the answer to the request that began it: a page that is closed ends its login,
 * and lets go of the port that the browser was to come back to.
 */
export class SignIns {
  readonly #running = new Map<string, Running>()
  readonly #mailbox: Mailbox

  /** @param mailbox where addresses are pasted */
  constructor(mailbox: Mailbox) {
    this.#mailbox = mailbox
  }

  /** Begins a login, and tells of its steps. One of the same provider that is under way ends. */
  begin(auth: Auth, provider: Provider, account: string | undefined): Response {
    const id = randomUUID()
    const stop = new AbortController()
    for (const other of this.#running.values()) if (other.provider === provider.name) other.stop.abort()
    this.#running.set(id, { provider: provider.name, stop })
    const stream = new EventStream<SignInEvents>(() => {
      stop.abort()
      this.#running.delete(id)
    })
    void (async () => {
      try {
        const ui = pageUi(stream, id, this.#mailbox)
        const made = await auth.login(provider, { ui, signal: stop.signal, ...(account !== undefined && { account }) })
        stream.send('done', { account: made.account })
      } catch (error) {
        stream.send('failed', {
          message: stop.signal.aborted ? 'Another sign-in took the place of this one.' : reasonOf(error),
        })
      }
      stream.end()
    })()
    return stream.response
  }

  close(): void {
    for (const { stop } of this.#running.values()) stop.abort()
  }
}

function pageUi(stream: EventStream<SignInEvents>, id: string, mailbox: Mailbox): LoginUi {
  return {
    openUrl: (url) => stream.send('url', { id, url }),
    showDeviceCode: ({ userCode, url, completeUrl, expiresAt }) =>
      stream.send('code', { userCode, url, ...(completeUrl !== undefined && { completeUrl }), expiresAt }),
    async askRedirect(done, problem) {
      await mailbox.open(id)
      stream.send('ask', problem === undefined ? {} : { problem })
      return await mailbox.next(id, done)
    },
    note: (text) => stream.send('note', { text }),
  }
}
