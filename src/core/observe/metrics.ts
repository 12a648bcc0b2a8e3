import type { Counter, Histogram, Registry as PromRegistry } from 'prom-client'
import { cleanName } from '../text/clean-name.ts'
import type { Streams } from '../clients/streams.ts'
import type { Hooks, RequestInfo } from '../hooks.ts'
import type { Registry } from '../registry.ts'
import { reportAccounts } from '../routing/report.ts'
import type { Router } from '../routing/router.ts'
import { version } from '../version.ts'
import { DURATION_BUCKETS } from './genai.ts'

/** What the figures are of. */
export interface Observed {
  hooks: Hooks
  streams: Streams
  router: Router
  registry: Registry
}

interface Instruments {
  registry: PromRegistry
  requests: Counter
  duration: Histogram
  firstByte: Histogram
  tokens: Counter
}

/** A client may make up models; each would be a series of its own. */
const MOST_MODELS = 200

/** Figures for Prometheus, from when byok began. Prometheus' own client is loaded when they are wanted. */
export class Metrics {
  readonly #instruments: Instruments
  readonly #models = new Set<string>()

  private constructor(instruments: Instruments) {
    this.#instruments = instruments
  }

  static async create({ hooks, streams, router, registry: providers }: Observed): Promise<Metrics> {
    // Of CommonJS bundlers have no names, only all of it.
    const { default: client } = await import('prom-client')
    const { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } = client
    const registry = new Registry()
    const registers = [registry]
    collectDefaultMetrics({ register: registry })
    new Gauge({ name: 'byok_info', help: 'The version of byok.', labelNames: ['version'], registers }).set(
      { version },
      1,
    )
    new Gauge({
      name: 'byok_requests_in_flight',
      help: 'Requests for models that are under way.',
      registers,
      collect() {
        this.set(streams.size)
      },
    })
    new Gauge({
      name: 'byok_account_resting',
      help: 'Accounts that are left alone for a model: 1 while they rest.',
      labelNames: ['provider', 'account', 'model'],
      registers,
      async collect() {
        // A store of logins that cannot be read keeps no other figure back.
        const reports = await reportAccounts({ registry: providers, router }).catch(() => [])
        this.reset()
        for (const { provider, account, circuits } of reports) {
          for (const { model, until } of circuits) if (until > Date.now()) this.set({ provider, account, model }, 1)
        }
      },
    })
    const metrics = new Metrics({
      registry,
      requests: new Counter({
        name: 'byok_requests_total',
        help: 'Requests that are over.',
        labelNames: ['protocol', 'provider', 'model', 'status', 'outcome'],
        registers,
      }),
      duration: new Histogram({
        name: 'byok_request_duration_seconds',
        help: 'From the request to the end of its answer.',
        labelNames: ['protocol', 'provider'],
        buckets: DURATION_BUCKETS,
        registers,
      }),
      firstByte: new Histogram({
        name: 'byok_first_byte_seconds',
        help: 'From the request to the first byte of its answer.',
        labelNames: ['protocol', 'provider'],
        buckets: DURATION_BUCKETS,
        registers,
      }),
      tokens: new Counter({
        name: 'byok_tokens_total',
        help: 'Tokens used, as providers count them; cached ones are among those of the input.',
        labelNames: ['provider', 'model', 'type'],
        registers,
      }),
    })
    hooks.hook('response', ({ info }) => metrics.#observe(info))
    return metrics
  }

  /** Prometheus' text format. */
  async text(): Promise<{ text: string; contentType: string }> {
    const { registry } = this.#instruments
    return { text: await registry.metrics(), contentType: registry.contentType }
  }

  #observe(info: RequestInfo): void {
    const { requests, duration, firstByte, tokens } = this.#instruments
    const { protocol = 'none', provider = 'none', outcome = 'error' } = info
    const usage = info.usage?.estimated ? undefined : info.usage
    const model = this.#bounded(info.upstreamModel === undefined ? 'none' : cleanName(info.upstreamModel))
    requests.inc({ protocol, provider, model, status: info.status ?? 0, outcome })
    if (info.protocol === undefined) return
    duration.observe({ protocol, provider }, (Date.now() - info.startedAt) / 1000)
    if (info.firstByteAt !== undefined) {
      firstByte.observe({ protocol, provider }, (info.firstByteAt - info.startedAt) / 1000)
    }
    for (const [type, count] of [
      ['input', usage?.input],
      ['output', usage?.output],
      ['cached_input', usage?.cachedInput],
    ] as const) {
      if (count !== undefined) tokens.inc({ provider, model, type }, count)
    }
  }

  #bounded(model: string): string {
    if (!this.#models.has(model) && this.#models.size >= MOST_MODELS) return 'other'
    this.#models.add(model)
    return model
  }
}
