import type { Histogram, SpanContext, Tracer } from '@opentelemetry/api'
import { cleanName } from '../clean-name.ts'
import { ConfigError } from '../config/index.ts'
import type { Config } from '../config/schema.ts'
import type { Hooks, RequestInfo } from '../hooks.ts'
import { version } from '../version.ts'
import { within } from '../waiting.ts'
import { DURATION_BUCKETS, metricAttributes, operationOf, spanAttributes, TOKEN_BUCKETS } from './genai.ts'
import { reasonOf } from '../fault.ts'

const PACKAGES = [
  '@opentelemetry/api',
  '@opentelemetry/resources',
  '@opentelemetry/sdk-trace-base',
  '@opentelemetry/sdk-metrics',
  '@opentelemetry/exporter-trace-otlp-http',
  '@opentelemetry/exporter-metrics-otlp-http',
]

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
  const duration = meter.createHistogram('gen_ai.client.operation.duration', {
    unit: 's',
    description: 'GenAI operation duration.',
    advice: { explicitBucketBoundaries: DURATION_BUCKETS },
  })
  const tokens = meter.createHistogram('gen_ai.client.token.usage', {
    unit: '{token}',
    description: 'Number of input and output tokens used.',
    advice: { explicitBucketBoundaries: TOKEN_BUCKETS },
  })

  const parents = new WeakMap<RequestInfo, SpanContext>()
  hooks.hook('request', ({ info, headers: sent }) => {
    const parent = readTraceparent(sent.get('traceparent'))
    if (parent) parents.set(info, parent)
  })
  hooks.hook('response', ({ info }) => {
    if (info.protocol === undefined) return
    const end = Date.now()
    trace(api, tracer, info, end, parents.get(info))
    if (info.provider !== undefined) measure(info, end, duration, tokens)
  })
  return async () => {
    await within(Promise.allSettled([tracing.shutdown(), measuring.shutdown()]), FLUSH_MS)
  }
}

function trace(
  { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace: traceApi }: typeof import('@opentelemetry/api'),
  tracer: Tracer,
  info: RequestInfo,
  end: number,
  parent: SpanContext | undefined,
): void {
  const from = parent ? traceApi.setSpanContext(ROOT_CONTEXT, parent) : ROOT_CONTEXT
  const server = tracer.startSpan(
    `${info.method} ${cleanName(info.path)}`,
    {
      kind: SpanKind.SERVER,
      startTime: info.startedAt,
      attributes: {
        'http.request.method': info.method,
        'url.path': cleanName(info.path),
        ...(info.status !== undefined && { 'http.response.status_code': info.status }),
      },
    },
    from,
  )
  const failed = info.outcome === 'error'
  if (info.provider !== undefined) {
    const client = tracer.startSpan(
      `${operationOf(info)} ${cleanName(info.upstreamModel ?? '')}`.trim(),
      { kind: SpanKind.CLIENT, startTime: info.startedAt, attributes: spanAttributes(info) },
      traceApi.setSpan(from, server),
    )
    if (info.firstByteAt !== undefined) client.addEvent('first_byte', {}, info.firstByteAt)
    if (failed) client.setStatus({ code: SpanStatusCode.ERROR })
    client.end(end)
  }
  if (failed && (info.status ?? 500) >= 500) server.setStatus({ code: SpanStatusCode.ERROR })
  server.end(end)
}

function measure(info: RequestInfo, end: number, duration: Histogram, tokens: Histogram): void {
  const attributes = metricAttributes(info)
  const failed = info.outcome === 'error' && { 'error.type': info.error ?? 'error' }
  duration.record((end - info.startedAt) / 1000, { ...attributes, ...failed })
  if (!info.usage || info.usage.estimated) return
  tokens.record(info.usage.input, { ...attributes, 'gen_ai.token.type': 'input' })
  tokens.record(info.usage.output, { ...attributes, 'gen_ai.token.type': 'output' })
}

/** W3C Trace Context, `traceparent`, of version 00. */
function readTraceparent(text: string | null): SpanContext | undefined {
  const [, traceId, spanId, flags] = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(text ?? '') ?? []
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined
  return { traceId, spanId, traceFlags: parseInt(flags, 16) & 1, isRemote: true }
}
