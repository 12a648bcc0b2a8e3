import type { Histogram, SpanContext } from '@opentelemetry/api'
import { ConfigError } from '../config/index.ts'
import type { Config } from '../config/schema.ts'
import type { Hooks, RequestInfo } from '../hooks.ts'
import { version } from '../version.ts'
import { within } from '../async/waiting.ts'
import { reasonOf } from '../log/fault.ts'
import { DURATION_BUCKETS, errorType, metricAttributes, timeToFirstChunk, TOKEN_BUCKETS } from './genai.ts'
import { trace } from './spans.ts'
import { readTraceparent } from './trace-context.ts'

/** With versions that go together: OpenTelemetry 3, which npm takes for the exporters on Node 22.15 and newer, has no `sdk-trace-base`. */
export const PACKAGES = [
  '@opentelemetry/api@1.9',
  '@opentelemetry/resources@2',
  '@opentelemetry/sdk-trace-base@2',
  '@opentelemetry/sdk-metrics@2',
  '@opentelemetry/exporter-trace-otlp-http@0.223',
  '@opentelemetry/exporter-metrics-otlp-http@0.223',
]

interface Instruments {
  duration: Histogram
  firstChunk: Histogram
  tokens: Histogram
}

/** How long byok waits for a collector at its end. */
const FLUSH_MS = 5000

/**
 * Sends traces and metrics to an OpenTelemetry collector. A request is a span of its own, and the provider's part of it one below;
 * where the client sent a `traceparent`, they are part of its trace. Nothing of what is asked or answered is in them.
 *
 * @returns what sends the rest and ends it
 * @throws {ConfigError} naming the packages, where one is missing.
 */
export async function startTelemetry(settings: Config['telemetry'], hooks: Hooks): Promise<() => Promise<void>> {
  const [api, { resourceFromAttributes }, traces, metrics, { OTLPTraceExporter }, { OTLPMetricExporter }] =
    await Promise.all([
      import('@opentelemetry/api'),
      import('@opentelemetry/resources'),
      import('@opentelemetry/sdk-trace-base'),
      import('@opentelemetry/sdk-metrics'),
      import('@opentelemetry/exporter-trace-otlp-http'),
      import('@opentelemetry/exporter-metrics-otlp-http'),
    ]).catch((error: unknown) => {
      const cause = reasonOf(error)
      throw new ConfigError([
        {
          source: 'config',
          key: 'telemetry.enabled',
          message: `needs packages that cannot be loaded (${cause}). Install them beside byok: npm install ${PACKAGES.join(' ')}`,
        },
      ])
    })
  const { endpoint, service_name: name, sample, interval } = settings
  const headers = Object.fromEntries(Object.entries(settings.headers).map(([key, value]) => [key, value.reveal()]))
  const resource = resourceFromAttributes({ 'service.name': name, 'service.version': version })
  const tracing = new traces.BasicTracerProvider({
    resource,
    sampler: new traces.ParentBasedSampler({ root: new traces.TraceIdRatioBasedSampler(sample) }),
    spanProcessors: [new traces.BatchSpanProcessor(new OTLPTraceExporter({ url: `${endpoint}/v1/traces`, headers }))],
  })
  const measuring = new metrics.MeterProvider({
    resource,
    readers: [
      new metrics.PeriodicExportingMetricReader({
        exporter: new OTLPMetricExporter({ url: `${endpoint}/v1/metrics`, headers }),
        exportIntervalMillis: Math.max(interval, 1000),
        exportTimeoutMillis: Math.max(Math.min(interval, FLUSH_MS), 1000),
      }),
    ],
  })
  const tracer = tracing.getTracer('byok', version)
  const meter = measuring.getMeter('byok', version)
  const instruments: Instruments = {
    duration: meter.createHistogram('gen_ai.client.operation.duration', {
      unit: 's',
      description: 'GenAI operation duration.',
      advice: { explicitBucketBoundaries: DURATION_BUCKETS },
    }),
    firstChunk: meter.createHistogram('gen_ai.client.operation.time_to_first_chunk', {
      unit: 's',
      description: 'Time to receive the first chunk of a streamed answer.',
      advice: { explicitBucketBoundaries: DURATION_BUCKETS },
    }),
    tokens: meter.createHistogram('gen_ai.client.token.usage', {
      unit: '{token}',
      description: 'Number of input and output tokens used.',
      advice: { explicitBucketBoundaries: TOKEN_BUCKETS },
    }),
  }

  const parents = new WeakMap<RequestInfo, SpanContext>()
  hooks.hook('request', ({ info, headers: sent }) => {
    const parent = readTraceparent(sent.get('traceparent'))
    const state = sent.get('tracestate')
    if (parent) parents.set(info, state === null ? parent : { ...parent, traceState: api.createTraceState(state) })
  })
  hooks.hook('response', ({ info }) => {
    if (info.protocol === undefined) return
    const end = Date.now()
    trace(api, tracer, info, end, parents.get(info))
    if (info.provider !== undefined) measure(info, end, instruments)
  })
  return async () => {
    await within(Promise.allSettled([tracing.shutdown(), measuring.shutdown()]), FLUSH_MS)
  }
}

function measure(info: RequestInfo, end: number, { duration, firstChunk, tokens }: Instruments): void {
  const attributes = metricAttributes(info)
  const error = errorType(info)
  duration.record((end - info.startedAt) / 1000, { ...attributes, ...(error !== undefined && { 'error.type': error }) })
  const first = timeToFirstChunk(info)
  if (first !== undefined) firstChunk.record(first, attributes)
  if (!info.usage || info.usage.estimated) return
  tokens.record(info.usage.input, { ...attributes, 'gen_ai.token.type': 'input' })
  tokens.record(info.usage.output, { ...attributes, 'gen_ai.token.type': 'output' })
}
