import { EventStreamCodec } from '@smithy/eventstream-codec'
import type { MessageHeaders } from '@smithy/eventstream-codec'
import { fromUtf8, toUtf8 } from '@smithy/util-utf8'

const codec = new EventStreamCodec(toUtf8, fromUtf8)

function message(headers: Record<string, string>, body: string): Uint8Array {
  const typed: MessageHeaders = {}
  for (const [name, value] of Object.entries(headers)) typed[name] = { type: 'string', value }
  return codec.encode({ headers: typed, body: fromUtf8(body) })
}

/** One event as AWS puts it on the wire. */
export function eventFrame(type: string, payload: unknown): Uint8Array {
  return message(
    { ':event-type': type, ':content-type': 'application/json', ':message-type': 'event' },
    JSON.stringify(payload),
  )
}

/** A modelled exception within a stream. */
export function exceptionFrame(type: string, payload: unknown): Uint8Array {
  return message(
    { ':exception-type': type, ':content-type': 'application/json', ':message-type': 'exception' },
    JSON.stringify(payload),
  )
}

/** An error that the service's model has no name for: all of it is in the headers. */
export function errorFrame(code: string, text: string): Uint8Array {
  return message({ ':error-code': code, ':error-message': text, ':message-type': 'error' }, '')
}
