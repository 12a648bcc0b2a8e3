import type { ExchangeContext } from '../exchange/exchange.ts'
import { version } from '../version.ts'
import type { RouteHandler } from './app.ts'

/** `GET /health`: byok is up. It says nothing of the providers, so that a probe costs nothing. */
export function health(_context: ExchangeContext): RouteHandler {
  const startedAt = Date.now()
  return () => Response.json({ status: 'ok', version, uptime_seconds: Math.floor((Date.now() - startedAt) / 1000) })
}
