import { Readable } from 'node:stream'
import type { H3Event } from 'h3'
import { ChatError, invalidRequest } from '../chat/index.ts'
import { keepSource } from '../exchange/passed-body.ts'
import { isObject } from '../json/json.ts'
import { throwAway } from '../upstream/incoming.ts'
import { bytesOf, takeWhole } from './node-bytes.ts'
import type { Config } from '../config/schema.ts'
import { parseClientJson } from './json.ts'
import { unpacked } from './unpack.ts'

/** The config's `server`, as far as it bounds bodies. */
export type BodyLimits = Pick<Config['server'], 'max_body_bytes' | 'request_timeout'>

/**
 * Reads a request's body as a JSON object, within the limits of its size and time.
 * @throws {ChatError} 400, 408, 413 or 415.
 */
export async function readJsonObject(event: H3Event, limits: BodyLimits): Promise<Record<string, unknown>> {
  const bytes = await readUnpacked(event, limits)
  const body = parseClientJson(bytes)
  if (!isObject(body)) throw invalidRequest('The body of your request must be a JSON object.')
  keepSource(body, bytes)
  return body
}

/** Whether a request says that its body is a form with files. */
export function isForm(headers: Headers): boolean {
  return /^multipart\/form-data\b/i.test(headers.get('content-type') ?? '')
}

/**
 * Reads a request's body as a form with files.
 * @throws {ChatError} 400, 408, 413 or 415.
 */
export async function readForm(event: H3Event, limits: BodyLimits): Promise<FormData> {
  const bytes = await readUnpacked(event, limits)
  const { readMultipart } = await import('./multipart.ts')
  const form = await readMultipart(bytes, event.req.headers.get('content-type') ?? '')
  if (form) return form
  throw invalidRequest('The body of your request is not the `multipart/form-data` that its Content-Type says it is.')
}

/** A request's body as it was before its client packed it. */
function readUnpacked(event: H3Event, limits: BodyLimits): Promise<Buffer<ArrayBuffer>> {
  const reading = readBytes(event, limits)
  const encoding = event.req.headers.get('content-encoding')
  const most = limits.max_body_bytes
  // Nearly none is packed: another function to wait for would cost every request.
  if (encoding === null) return reading
  return reading.then((packed) => unpacked(packed, encoding, { most, tooLarge: () => tooLarge(most) }))
}

/** The bodies that are read more than once. */
const kept = new WeakMap<H3Event, Promise<Buffer<ArrayBuffer>> | undefined>()

/** Keeps the body, once it is read, for whoever reads it next. */
export function keepBody(event: H3Event): void {
  kept.set(event, undefined)
}

/**
 * Reads a request's body, as it came.
 * @throws {ChatError} 408 or 413.
 */
export function readBytes(event: H3Event, limits: BodyLimits): Promise<Buffer<ArrayBuffer>> {
  const known = kept.get(event)
  if (known) return known
  const reading = readAll(event, limits)
  if (kept.has(event)) kept.set(event, reading)
  return reading
}

async function readAll(event: H3Event, limits: BodyLimits): Promise<Buffer<ArrayBuffer>> {
  const { max_body_bytes: maxBytes, request_timeout: timeout } = limits
  const declared = Number(event.req.headers.get('content-length') ?? 0)
  if (declared > maxBytes) throw tooLarge(maxBytes)
  // Node's own stream, where the request is one of Node's: a web stream around it costs more than all else a small body does.
  const own = event.req.runtime?.node?.req
  const { body } = own instanceof Readable ? { body: own } : event.req
  if (!body) return Buffer.alloc(0)
  const source = body instanceof Readable ? body : Readable.fromWeb(body)
  // Node sees to it that no more and no less comes; of a host's own requests nobody does.
  const expected = source === own ? declared : 0
  if (expected > 0) {
    // Node tells of a request before it reads on in what came with its headers, which is all of a small body most often.
    await Promise.resolve()
    const whole = takeWhole(source, expected)
    if (whole) return whole
  }
  try {
    return await bytesOf(source, {
      most: maxBytes,
      tooLarge: () => tooLarge(maxBytes),
      timeout,
      tooSlow: () => tooSlow(timeout),
      expected,
    })
  } catch (error) {
    void throwAway(source)
    throw error
  }
}

function tooSlow(milliseconds: number): ChatError {
  return new ChatError(
    `The request did not arrive within ${milliseconds / 1000} s. Send it faster, or raise server.request_timeout.`,
    { status: 408, code: 'request_timeout' },
  )
}

function tooLarge(maxBytes: number): ChatError {
  return new ChatError(`The request body is larger than ${maxBytes} bytes. Raise server.max_body_bytes to allow it.`, {
    status: 413,
    code: 'request_too_large',
  })
}
