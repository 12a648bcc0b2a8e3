import type { ChatError } from '../../chat/index.ts'
import type { JsonObject } from '../json.ts'

/** Names of google.rpc.Code for HTTP statuses, of google/rpc/code.proto. */
const NAME_OF_STATUS: Record<number, string> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  408: 'DEADLINE_EXCEEDED',
  409: 'ABORTED',
  413: 'INVALID_ARGUMENT',
  429: 'RESOURCE_EXHAUSTED',
  500: 'INTERNAL',
  501: 'UNIMPLEMENTED',
  502: 'UNAVAILABLE',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
  529: 'UNAVAILABLE',
}

/** Google's error object, a google.rpc.Status; who failed, the field at fault and the wait are in its details. */
export function encodeError(error: ChatError): { error: JsonObject } {
  const { status, message } = error
  const details = detailsOf(error)
  return {
    error: {
      code: status,
      message,
      status: NAME_OF_STATUS[status] ?? (status < 500 ? 'INVALID_ARGUMENT' : 'UNKNOWN'),
      ...(details.length > 0 && { details }),
    },
  }
}

function detailsOf({
  code,
  type,
  param,
  provider,
  upstreamStatus,
  upstreamRequestId,
  retryAfter,
}: ChatError): JsonObject[] {
  const metadata: Record<string, string> = {}
  if (provider !== undefined) metadata['provider'] = provider
  if (upstreamStatus !== undefined) metadata['upstream_status'] = String(upstreamStatus)
  if (upstreamRequestId !== undefined) metadata['upstream_request_id'] = upstreamRequestId
  const details: JsonObject[] = [
    {
      '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
      reason: (code ?? type).toUpperCase(),
      domain: 'byok',
      ...(Object.keys(metadata).length > 0 && { metadata }),
    },
  ]
  if (param !== null) {
    details.push({ '@type': 'type.googleapis.com/google.rpc.BadRequest', fieldViolations: [{ field: param }] })
  }
  if (retryAfter !== undefined) {
    details.push({ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: `${retryAfter}s` })
  }
  return details
}
