import cluster from 'node:cluster'
import type { Byok } from '../core/byok.ts'

/** Logs one line a request, at its end. */
export function logRequests(byok: Byok): void {
  byok.hooks.hook('response', ({ info }) => {
    byok.logger.info('request', {
      id: info.id,
      worker: cluster.worker?.id,
      method: info.method,
      path: info.path,
      status: info.status,
      outcome: info.outcome,
      error: info.error,
      protocol: info.protocol,
      model: info.model?.slice(0, 200),
      provider: info.provider,
      upstream_model: info.upstreamModel === info.model ? undefined : info.upstreamModel?.slice(0, 200),
      account: info.account,
      stream: info.stream,
      duration_ms: Date.now() - info.startedAt,
      first_byte_ms: info.firstByteAt === undefined ? undefined : info.firstByteAt - info.startedAt,
      input_tokens: info.usage?.input,
      output_tokens: info.usage?.output,
      upstream_request_id: info.upstreamRequestId,
    })
  })
}
