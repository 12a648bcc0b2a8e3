import type { ExchangeContext } from '../exchange/exchange.ts'
import { reportAccounts, shownCircuit } from '../routing/report.ts'
import { guardDetails } from './admin.ts'
import { version } from '../version.ts'
import type { RouteHandler } from './route.ts'

/**
 * `GET /health`: byok is up. It says nothing of the providers, so that a probe costs nothing. With `?verbose`: each account, what
 * it is doing, and the models it rests for.
 */
export function health(context: ExchangeContext): RouteHandler {
  const startedAt = Date.now()
  return async (event, info) => {
    const basics = { status: 'ok', version, uptime_seconds: Math.floor((Date.now() - startedAt) / 1000) }
    const verbose = event.url.searchParams.get('verbose')
    if (verbose === null || /^(0|false|no)$/i.test(verbose)) return Response.json(basics)
    guardDetails(context, event, info)
    return Response.json({ ...basics, routing: await routingOf(context) })
  }
}

async function routingOf(context: ExchangeContext) {
  const accounts = await reportAccounts(context)
  return {
    strategy: context.config.routing.strategy,
    accounts: accounts.map(({ inFlight, circuits, ...account }) => ({
      ...account,
      in_flight: inFlight,
      circuits: circuits.map(shownCircuit),
    })),
  }
}
