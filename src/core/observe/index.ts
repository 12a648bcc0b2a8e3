import type { Config } from '../config/schema.ts'
import type { Metrics, Observed } from './metrics.ts'

/** What watches requests, as config says. */
export interface Observers {
  /** `undefined` where `metrics.enabled` is not set. */
  metrics: Metrics | undefined
  close(): Promise<void>
}

/** Loads and starts what config asks for, and nothing else. */
export async function startObservers(
  config: Pick<Config, 'metrics' | 'telemetry'>,
  parts: Observed,
): Promise<Observers> {
  const metrics = config.metrics.enabled ? await (await import('./metrics.ts')).Metrics.create(parts) : undefined
  const close = config.telemetry.enabled
    ? await (await import('./telemetry.ts')).startTelemetry(config.telemetry, parts.hooks)
    : async () => {}
  return { metrics, close }
}
