import { whenAborted } from '../async/abort.ts'
import type { Stop } from '../async/abort.ts'
import type { H3Event } from 'h3'
import { ChatError } from '../chat/index.ts'
import type { ExchangeContext } from '../exchange/exchange.ts'
import { failed } from '../exchange/failed.ts'
import { newInfo } from '../exchange/info.ts'
import { settle } from '../exchange/settle.ts'
import { ShuttingDown } from '../exchange/shutting-down.ts'
import type { RequestInfo } from '../hooks.ts'
import { openaiResponsesProtocol } from '../protocols/openai-responses/index.ts'
import { guardClient } from '../routes/guard.ts'
import type { ClientSocket, OpenSocket, SocketSession } from '../routes/socket.ts'
import { sseFrames } from '../frames/sse.ts'
import { Lanes } from './lanes.ts'
import { RecentResponses } from './recent.ts'
import type { RecentMemory, Referred } from './recent.ts'
import { errorFrame, isEnd, laneOf, parseFrame, readFrame, withLane, withStatus } from './socket-frame.ts'
import type { JsonObject } from '../json/json.ts'
import type { ResponseStore, StoredResponse } from './store.ts'
import { warmUp } from './warm-up.ts'

/** A body of `POST /v1/responses`, whichever way it came, and who is to have the answer. */
export interface CreateRequest {
  headers: Headers
  /** Aborts when the client goes away. */
  signal: Stop
  info: RequestInfo
  /** What a WebSocket's client may go on from besides what is stored, and where its responses are kept for that. */
  recent?: { over(store: Referred): Referred; put(stored: StoredResponse, previousId: string | undefined): void }
}

/** @throws {ChatError} for everything that goes wrong before the first byte of the answer. */
export type CreateResponse = (body: JsonObject, request: CreateRequest) => Promise<Response>

export interface ResponsesSocketParts {
  context: ExchangeContext
  store: ResponseStore
  /** Of all of them. */
  recent: RecentMemory
  create: CreateResponse
}

/** Responses that one connection has under way at once; more wait for their turn (OpenAI's guide on the WebSocket mode). */
const MOST_AT_ONCE = 16
/** Frames that may wait for theirs; OpenAI tells no limit. */
const MOST_WAITING = 64
/** Characters of refusals that a client has not read, beyond which it is not waited for: those of a few bytes are hundreds each. */
const MOST_REFUSED = 1024 * 1024
/** Names of lanes on one connection (OpenAI's guide). */
const MOST_LANES = 32

/** What the connection began with. */
interface Handshake {
  headers: Headers
  url: URL
  /** {@link RequestInfo.route} */
  route: string | undefined
}

/** OpenAI's WebSocket mode on `/v1/responses`. */
export function responsesSocket(parts: ResponsesSocketParts, event: H3Event): OpenSocket {
  const { url } = event
  // The handshake's own are of no use to whoever looks into the headers of a request.
  const headers = new Headers(event.req.headers)
  for (const name of [...headers.keys()]) if (HANDSHAKE.test(name)) headers.delete(name)
  const route = event.context.byok?.route
  return (socket) => new ResponsesSession(parts, socket, { headers, url, route })
}

const HANDSHAKE = /^(?:sec-websocket-.*|upgrade|connection|x-request-id)$/

/**
 * One WebSocket: each `response.create` is answered as the `POST /v1/responses` it stands for, event by event, and is told to hooks,
 * log and usage as one.
 */
class ResponsesSession implements SocketSession {
  readonly #parts: ResponsesSocketParts
  readonly #socket: ClientSocket
  readonly #from: Handshake
  readonly #lanes = new Lanes(MOST_AT_ONCE)
  readonly #named = new Set<string>()
  readonly #recent: RecentResponses
  readonly #gone = new AbortController()
  #refused = 0
  /** Characters of the frames that wait for their turn. */
  #waiting = 0
  #ending = false

  constructor(parts: ResponsesSocketParts, socket: ClientSocket, from: Handshake) {
    this.#parts = parts
    this.#socket = socket
    this.#from = from
    this.#recent = new RecentResponses(parts.recent, parts.context.config.server.max_body_bytes)
  }

  message(text: string | undefined): void {
    if (this.#refused > MOST_REFUSED) {
      this.#socket.cut()
      return
    }
    const info = newInfo('POST', this.#from.url.pathname)
    info.scheme = this.#from.url.protocol.slice(0, -1)
    info.route = this.#from.route
    info.protocol = openaiResponsesProtocol.name
    let lane: string | undefined
    try {
      const parsed = parseFrame(text)
      lane = laneOf(parsed)
      const frame = readFrame(parsed)
      const { body, refusal } = frame
      if (refusal !== undefined) this.#refuse(refusal)
      if (!body) return
      const size = text?.length ?? 0
      this.#admit(lane, size)
      this.#waiting += size
      this.#lanes.run(lane ?? '', () => {
        this.#waiting -= size
        return this.#answer(info, lane, () => this.#create(info, { ...frame, body, size }))
      })
    } catch (error) {
      this.#refuse(this.#failure(info, lane, error))
    }
  }

  #refuse(text: string): void {
    this.#refused += text.length
    void this.#socket.send(text).then(() => (this.#refused -= text.length))
  }

  gone(): void {
    this.#gone.abort()
    this.#recent.clear()
  }

  async end(): Promise<void> {
    this.#ending = true
    await this.#lanes.idle()
  }

  /** @throws {ChatError} where the connection has all it may have. */
  #admit(lane: string | undefined, size: number): void {
    if (this.#ending) throw shuttingDown()
    const { max_body_bytes: most } = this.#parts.context.config.server
    const many = this.#lanes.size >= MOST_AT_ONCE + MOST_WAITING
    if (many || (this.#lanes.waits(lane ?? '') && this.#waiting + size > most)) {
      const what = many ? `${MOST_WAITING} responses wait` : 'All that server.max_body_bytes allows waits'
      throw new ChatError(`${what} on this WebSocket already. Read some to their end first.`, {
        status: 429,
        type: 'rate_limit_error',
        code: 'too_many_streams',
      })
    }
    if (lane === undefined || this.#named.has(lane)) return
    if (this.#named.size >= MOST_LANES) {
      throw new ChatError(
        `This WebSocket has had ${MOST_LANES} names in \`stream_id\`, which is all it may. Use one of them again, or another WebSocket.`,
        { status: 400, type: 'invalid_request_error', code: 'websocket_stream_limit_reached', param: 'stream_id' },
      )
    }
    this.#named.add(lane)
  }

  async #answer(info: RequestInfo, lane: string | undefined, create: () => Promise<Response>): Promise<void> {
    const { signal } = this.#gone
    if (signal.aborted) return
    try {
      // The frames that waited when the end was announced do not begin.
      if (this.#ending) throw shuttingDown()
      const answer = await create()
      info.status = answer.status
      await this.#send(answer, lane)
    } catch (error) {
      if (signal.aborted) settle(this.#parts.context, info, 'aborted')
      else await this.#socket.send(this.#failure(info, lane, error))
    }
  }

  async #create(
    info: RequestInfo,
    { body, lane, warmUp: only, size }: { body: JsonObject; lane: string | undefined; warmUp: boolean; size: number },
  ): Promise<Response> {
    const { context, create, store } = this.#parts
    const { headers, url } = this.#from
    // Keys may be revoked, and config change, while a connection stays.
    guardClient(context, info, { headers, url })
    const recent = this.#recent
    const request: CreateRequest = {
      // Each request has its own: hooks may change them.
      headers: new Headers(headers),
      signal: this.#gone.signal,
      info,
      recent: {
        over: (stored) => recent.over(stored),
        put: (stored, previousId) => recent.put(lane ?? '', stored, { size, previousId }),
      },
    }
    return only
      ? await warmUp(context, store.of(info), body, request)
      : await create({ ...body, stream: true }, request)
  }

  /** Sends an answer's events, each as one frame and at the client's pace, to the first that ends it. */
  async #send({ body }: Response, lane: string | undefined): Promise<void> {
    const { signal } = this.#gone
    if (!body) return
    const reader: ReadableStreamDefaultReader<Uint8Array> = body.getReader()
    const cancel = (reason: unknown) => reader.cancel(reason).catch(() => {})
    const leave = () => void cancel(signal.reason)
    const unlink = whenAborted(signal, leave)
    if (signal.aborted) leave()
    const frames = sseFrames()
    let ended = false
    try {
      for (;;) {
        const { done, value } = await reader.read()
        for (const frame of done ? frames.end() : frames.push(value)) {
          if (ended || signal.aborted || !frame.data.startsWith('{')) continue
          ended = isEnd(frame)
          await this.#socket.send(withLane(ended ? withStatus(frame.data) : frame.data, lane))
        }
        if (done) return
      }
    } catch (error) {
      // Nobody reads on: the provider is to write no more, and the request to end as it does for its client.
      await cancel(error)
      throw error
    } finally {
      unlink()
    }
  }

  #failure(info: RequestInfo, lane: string | undefined, error: unknown): string {
    const { error: known, headers } = failed(this.#parts.context, info, error)
    return errorFrame(known, headers, lane)
  }
}

function shuttingDown(): ChatError {
  return new ShuttingDown('byok is shutting down. Connect again.')
}
