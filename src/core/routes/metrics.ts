import { ChatError } from '../chat/index.ts'
import type { ExchangeContext } from '../exchange/exchange.ts'
import type { RouteHandler } from './route.ts'

/** `GET /metrics`, for Prometheus. */
export function metrics(context: ExchangeContext): RouteHandler {
  return async () => {
    if (!context.metrics) {
      throw new ChatError('Set `metrics: {enabled: true}` in the config, and restart byok, for figures here.', {
        status: 404,
        type: 'invalid_request_error',
        code: 'not_found',
      })
    }
    const { text, contentType } = await context.metrics.text()
    return new Response(text, { headers: { 'content-type': contentType } })
  }
}
