import cluster from 'node:cluster'
import type { Byok } from '../core/byok.ts'
import { cleanName } from '../core/text/clean-name.ts'

/** Logs one line a request, at its end. */
export function logRequests(byok: Byok): void {
  byok.hooks.hook('response', ({ info }) => {
    byok.logger.info('request', {
      id: info.id,
      worker: cluster.worker?.id,
      method: info.method,
      path: cleanName(info.path),
      status: info.status,
      outcome: info.outcome,
      error: info.error,
      protocol: info.protocol,
      model: info.model === undefined ? undefined : cleanName(info.model),
      provider: info.provider,
      upstream_model:
        info.upstreamModel === undefined || info.upstreamModel === info.model
          ? undefined
          : cleanName(info.upstreamModel),
      account: info.account,
      stream: info.stream,
      duration_ms: Date.now() - info.startedAt,
      first_byte_ms: info.firstByteAt === undefined ? undefined : info.firstByteAt - info.startedAt,
      input_tokens: info.usage?.input,
      output_tokens: info.usage?.output,
      estimated: info.usage?.estimated,
      upstream_request_id: info.upstreamRequestId,
    })
  })
}
