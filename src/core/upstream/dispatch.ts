import { Readable } from 'node:stream'
import type { Dispatcher } from 'undici'
import { whenAborted } from '../async/abort.ts'
import type { Stop } from '../async/abort.ts'
import { AnswerBody } from './answer-body.ts'
import { codeOf, isError } from '../log/fault.ts'
import type { Connections } from './connections.ts'
import type { ReceivedHeaders } from './fetch.ts'
import { NodeResponse } from './response.ts'

/**
 * Sends a request by undici, and resolves once the headers of its answer are here.
 *
 * A connection that lay idle may be gone by the time it is used again: the server closed it just then, or the machine slept. What breaks
 * so is sent again at once, as browsers do (Chromium, net/http/http_network_transaction.cc, `ShouldResendRequest`), for neither the
 * provider nor the account has failed. Each time takes one such connection away, so that a new one comes in the end.
 *
 * @param signal ends the request, and its answer until that is read
 * @param connections those that undici opens; absent where nothing may be sent twice
 */
export function dispatch(
  dispatcher: Dispatcher,
  options: Dispatcher.DispatchOptions,
  signal: Stop,
  connections?: Pick<Connections, 'opened'>,
): Promise<NodeResponse> {
  return new Promise((resolve, reject) => {
    const send = () => {
      if (signal.aborted) return reject(abortErrorOf(signal))
      const failed = (error: Error) => (handler.mayResend(error) ? send() : reject(error))
      const handler = new Handler(resolve, failed, signal, options.body, connections)
      dispatcher.dispatch(options, handler)
    }
    send()
  })
}

/** None at all, as where this runtime does not tell of them. */
const UNKNOWN = { opened: 0 }

/** What a connection that was gone gives: undici's "other side closed", and what the system says of it. */
const GONE: readonly unknown[] = ['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE']

/** What undici tells of one request, in the order of its methods. */
class Handler implements Dispatcher.DispatchHandler {
  readonly #resolve: (response: NodeResponse) => void
  readonly #reject: (error: Error) => void
  readonly #signal: Stop
  readonly #sent: Dispatcher.DispatchOptions['body']
  readonly #unlink: () => void
  #controller: Dispatcher.DispatchController | undefined
  #body: AnswerBody | undefined
  readonly #connections: Pick<Connections, 'opened'>
  readonly #openedBefore: number
  /** Whether it left by a connection that was there. */
  #reused = false

  constructor(
    resolve: (response: NodeResponse) => void,
    reject: (error: Error) => void,
    signal: Stop,
    sent: Dispatcher.DispatchOptions['body'],
    connections: Pick<Connections, 'opened'> = UNKNOWN,
  ) {
    this.#resolve = resolve
    this.#reject = reject
    this.#signal = signal
    this.#sent = sent
    this.#connections = connections
    this.#openedBefore = connections.opened
    this.#unlink = whenAborted(signal, () => this.#abort())
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    this.#reused = this.#openedBefore > 0 && this.#connections.opened === this.#openedBefore
    if (this.#signal.aborted) controller.abort(abortErrorOf(this.#signal))
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: ReceivedHeaders): void {
    // 1xx: the answer is yet to come.
    if (status < 200) return
    this.#body = new AnswerBody(controller)
    this.#resolve(new NodeResponse(status, headers, this.#body))
  }

  onResponseData(_: Dispatcher.DispatchController, piece: Buffer<ArrayBuffer>): void {
    this.#body?.push(piece)
  }

  onResponseEnd(): void {
    this.#unlink()
    this.#body?.end()
  }

  onResponseError(_: Dispatcher.DispatchController | undefined, error: Error): void {
    this.#unlink()
    // undici leaves alone what it had not begun to send.
    if (this.#sent instanceof Readable) this.#sent.on('error', () => {}).destroy(error)
    if (this.#body) this.#body.fail(error)
    else this.#reject(this.#controller ? error : asConnecting(error))
  }

  /** Whether this failed for want of the connection alone, and can be sent as it was. */
  mayResend(error: Error): boolean {
    return this.#reused && !this.#signal.aborted && !(this.#sent instanceof Readable) && GONE.includes(codeOf(error))
  }

  #abort(): void {
    const reason = abortErrorOf(this.#signal)
    if (this.#controller) return this.#controller.abort(reason)
    // It waits for a connection, which may be for as long as `connect_timeout`.
    this.#reject(reason)
  }
}

/** What kept a request from being sent. A proxy that does not answer opens no connection, whatever undici calls that. */
function asConnecting(error: Error): Error {
  if (codeOf(error) !== 'UND_ERR_HEADERS_TIMEOUT') return error
  return Object.assign(new Error(error.message), { code: 'UND_ERR_CONNECT_TIMEOUT' })
}

function abortErrorOf({ reason }: Stop): Error {
  return isError(reason) ? reason : new Error('the request was aborted', { cause: reason })
}
