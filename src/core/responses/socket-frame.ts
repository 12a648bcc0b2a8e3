import { ChatError, invalidRequest } from '../chat/index.ts'
import { encodeError } from '../protocols/openai-responses/encode-error.ts'
import { parseClientJson } from '../routes/json.ts'
import { isObject, parseObject } from '../json/json.ts'
import type { JsonObject } from '../json/json.ts'

/* The frames of OpenAI's WebSocket mode, each one JSON object (developers.openai.com/api/docs/guides/websocket-mode). */

/** What a client wants by a frame. */
export interface ClientFrame {
  /** The body of `POST /v1/responses`. `undefined` where the frame only tells something. */
  body: JsonObject | undefined
  /** The lane's name; without one, the client reads events without `stream_id`. */
  lane: string | undefined
  /** Only prepares: `generate: false`. */
  warmUp: boolean
  /** What to answer a frame with that is no request and asks for what byok cannot do. */
  refusal?: string
}

const STEER = 'response.steer'

/** 1 to 256 letters, digits, `_`, `-` and `.`, as the guide says. */
const LANE = /^[\w.-]{1,256}$/

/** The lane that a frame names, as far as it can be told of a bad one. */
export function laneOf(frame: unknown): string | undefined {
  const lane = isObject(frame) ? frame['stream_id'] : undefined
  return typeof lane === 'string' && LANE.test(lane) ? lane : undefined
}

/** @throws {ChatError} 400 */
export function parseFrame(text: string | undefined): JsonObject {
  if (text === undefined) throw invalidRequest('byok reads text frames, each a JSON object; this one is binary.')
  const frame = parseClientJson(text)
  if (!isObject(frame)) throw invalidRequest('A frame must be a JSON object.')
  return frame
}

/** @throws {ChatError} 400 */
export function readFrame(frame: JsonObject): ClientFrame {
  const { type, stream_id: named, generate, stream: _, ...body } = frame
  const lane = laneOf(frame)
  if (named !== undefined && named !== null && lane === undefined) {
    throw new ChatError('`stream_id` is 1 to 256 letters, digits, underscores, hyphens and periods.', {
      status: 400,
      type: 'invalid_request_error',
      code: 'invalid_stream_id',
      param: 'stream_id',
    })
  }
  // Codex tells that it has read a response to its end (openai/codex codex-rs/codex-api/src/common.rs, `ResponsesWsRequest`).
  if (type === 'response.processed') return { body: undefined, lane, warmUp: false }
  if (type === STEER) return { body: undefined, lane, warmUp: false, refusal: steerFailed(frame) }
  if (type !== 'response.create') {
    const shown = typeof type === 'string' ? JSON.stringify(type.slice(0, 100)) : 'none'
    throw invalidRequest(`The type of a frame is response.create; this one's is ${shown}.`, 'type')
  }
  if (body['background'] === true) {
    throw invalidRequest('`background` is for POST /v1/responses. Leave it out of a WebSocket.', 'background')
  }
  return { body, lane, warmUp: generate === false }
}

/**
 * The answer to `response.steer`, which asks that a response that is under way takes more input. No provider that is asked by HTTP can
 * do that. Told by this event and not by `error`, the client knows that its response goes on, and gets back the input for the next one
 * (openai-node 7 `ResponseSteerEvent`, `ResponseSteerFailedEvent`; CLIProxyAPI pull request 5775 answers so where it asks by HTTP).
 */
function steerFailed({ previous_response_id, input }: JsonObject): string {
  return JSON.stringify({
    type: `${STEER}.failed`,
    sequence_number: 0,
    error: {
      type: 'invalid_request_error',
      code: 'steering_not_supported',
      message: 'byok cannot steer a response that is under way. Send the input with the next one.',
    },
    steer: { previous_response_id, input },
  })
}

/**
 * An error as a frame. Clients read its status (openai/codex codex-rs/codex-api/src/endpoint/responses_websocket.rs,
 * `WrappedWebsocketErrorEvent`); one without a status, or with that of a success, Codex passes over.
 */
export function errorFrame(error: ChatError, headers: Headers, lane: string | undefined): string {
  return withLane(
    JSON.stringify({
      type: 'error',
      status: error.status,
      ...encodeError(error),
      headers: Object.fromEntries(headers),
    }),
    lane,
  )
}

/** An event's JSON with the lane it belongs to. */
export function withLane(data: string, lane: string | undefined): string {
  return lane === undefined ? data : data.replace('{', () => `{"stream_id":${JSON.stringify(lane)},`)
}

const END = /^(?:response\.(?:completed|incomplete|failed|cancelled)|error)$/
const TYPE = /^\s*\{\s*"type"\s*:\s*"([\w.]+)"/

/** Whether an event of the stream is the last that its client waits for. */
export function isEnd({ event, data }: { event?: string | undefined; data: string }): boolean {
  return END.test(event ?? TYPE.exec(data)?.[1] ?? '')
}

/**
 * A provider's own `error` event, which in a stream has no status.
 * @throws {ChatError} 502 for one that is no JSON
 */
export function withStatus(data: string): string {
  if ((TYPE.exec(data)?.[1] ?? 'error') !== 'error') return data
  const event = parseObject(data)
  if (!event) {
    throw new ChatError('The provider broke its answer off with an error that byok cannot read. Try again.', {
      status: 502,
      code: 'upstream_bad_answer',
    })
  }
  if (event['type'] !== 'error' || typeof event['status'] === 'number') return data
  const { code, message, param } = event
  const error = isObject(event['error']) ? event['error'] : { type: 'server_error', code, message, param }
  return JSON.stringify({ ...event, status: 500, error })
}
