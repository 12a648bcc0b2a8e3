import type { SpanContext } from '@opentelemetry/api'

/** Version, trace, span and flags; a version above 00 may say more after them, behind another `-`. */
const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/

/**
 * What a client says of the trace that its request belongs to, by W3C Trace Context, `traceparent`. One of a later version is read as
 * far as it is like 00 ("Versioning of traceparent", w3c/trace-context spec/20-http_request_header_format.md).
 */
export function readTraceparent(text: string | null): SpanContext | undefined {
  const [, version, traceId, spanId, flags, more] = TRACEPARENT.exec(text ?? '') ?? []
  if (version === undefined || traceId === undefined || spanId === undefined || flags === undefined) return undefined
  if (version === 'ff' || (version === '00' && more !== undefined)) return undefined
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined
  return { traceId, spanId, traceFlags: parseInt(flags, 16) & 1, isRemote: true }
}
