import type { Attributes, SpanContext, Tracer } from '@opentelemetry/api'
import { cleanName } from '../text/clean-name.ts'
import type { RequestInfo } from '../hooks.ts'
import { errorType, operationOf, spanAttributes } from './genai.ts'

/** Sends the spans of a request that is over: its own, and the provider's part of it below. @param parent what the client says of its trace */
export function trace(
  { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace: traceApi }: typeof import('@opentelemetry/api'),
  tracer: Tracer,
  info: RequestInfo,
  end: number,
  parent: SpanContext | undefined,
): void {
  const from = parent ? traceApi.setSpanContext(ROOT_CONTEXT, parent) : ROOT_CONTEXT
  // What a program asks byok within its own process came by nothing.
  const within = info.method === 'CALL'
  const own = tracer.startSpan(
    within ? `byok.${info.path}` : httpName(info),
    {
      kind: within ? SpanKind.INTERNAL : SpanKind.SERVER,
      startTime: info.startedAt,
      attributes: within ? {} : httpAttributes(info),
    },
    from,
  )
  if (info.provider !== undefined) {
    const client = tracer.startSpan(
      `${operationOf(info)} ${cleanName(info.upstreamModel ?? '')}`.trim(),
      { kind: SpanKind.CLIENT, startTime: info.startedAt, attributes: spanAttributes(info) },
      traceApi.setSpan(from, own),
    )
    if (info.outcome === 'error') client.setStatus({ code: SpanStatusCode.ERROR })
    client.end(end)
  }
  const error = within ? errorType(info) : serverError(info)
  if (error !== undefined) {
    own.setAttribute('error.type', error)
    own.setStatus({ code: SpanStatusCode.ERROR })
  }
  own.end(end)
}

/*
 * OpenTelemetry's semantic conventions for HTTP: open-telemetry/semantic-conventions docs/http/http-spans.md.
 */

/** Others are told as `_OTHER`: who asks may make up any. */
const METHODS = new Set(['CONNECT', 'DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT', 'QUERY', 'TRACE'])

/** Never with the path itself, in which a model may stand. */
function httpName({ method, route }: RequestInfo): string {
  return `${METHODS.has(method) ? method : 'HTTP'} ${route ?? ''}`.trim()
}

function httpAttributes({ method, path, scheme, route, status }: RequestInfo): Attributes {
  return {
    'http.request.method': METHODS.has(method) ? method : '_OTHER',
    'url.path': cleanName(path),
    ...(scheme !== undefined && { 'url.scheme': scheme }),
    ...(route !== undefined && { 'http.route': route }),
    ...(status !== undefined && { 'http.response.status_code': status }),
  }
}

/** A refused request is no error of a server's; an answer that broke off is, whatever its status said. */
function serverError(info: RequestInfo): string | undefined {
  const { status = 500 } = info
  return status >= 400 && status < 500 ? undefined : errorType(info)
}
