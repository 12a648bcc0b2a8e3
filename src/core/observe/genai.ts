import { cleanName } from '../clean-name.ts'
import type { RequestInfo } from '../hooks.ts'

/*
 * OpenTelemetry's semantic conventions for generative AI: names and buckets of open-telemetry/semantic-conventions
 * docs/gen-ai/gen-ai-metrics.md and gen-ai-spans.md. They are still in development there.
 */

/** Seconds. */
export const DURATION_BUCKETS = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92]
export const TOKEN_BUCKETS = [
  1, 4, 16, 64, 256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216, 67_108_864,
]

/** The values that the conventions know; other providers go by their names in byok. */
const PROVIDERS: Record<string, string> = { claude: 'anthropic', codex: 'openai', gemini: 'gcp.gemini' }

export function providerName(provider: string): string {
  return Object.hasOwn(PROVIDERS, provider) ? (PROVIDERS[provider] ?? provider) : provider
}

/** `gen_ai.operation.name` */
export function operationOf({ protocol }: Pick<RequestInfo, 'protocol'>): string {
  if (protocol === 'openai-embeddings') return 'embeddings'
  if (protocol === 'openai-completions') return 'text_completion'
  return protocol === 'gemini' ? 'generate_content' : 'chat'
}

type Attributes = Record<string, string | number | boolean>

/** What tells one series of measurements from another. */
export function metricAttributes(info: RequestInfo): Attributes {
  return {
    'gen_ai.operation.name': operationOf(info),
    'gen_ai.provider.name': providerName(info.provider ?? 'unknown'),
    ...(info.upstreamModel !== undefined && { 'gen_ai.request.model': cleanName(info.upstreamModel) }),
  }
}

/** What is known of one request; nothing of what was asked or answered. */
export function spanAttributes(info: RequestInfo): Attributes {
  // What byok estimated is not what the provider counted.
  const usage = info.usage?.estimated ? undefined : info.usage
  const given: Record<string, string | number | boolean | undefined> = {
    ...metricAttributes(info),
    'gen_ai.usage.input_tokens': usage?.input,
    'gen_ai.usage.output_tokens': usage?.output,
    'gen_ai.usage.cache_read.input_tokens': usage?.cachedInput,
    'gen_ai.usage.cache_creation.input_tokens': usage?.cacheWrite,
    'error.type': info.outcome === 'error' ? (info.error ?? 'error') : undefined,
    'byok.request_id': info.id,
    'byok.account': info.account,
    'byok.attempts': info.attempts,
    'byok.client': info.client,
    'byok.stream': info.stream,
    'byok.upstream_request_id': info.upstreamRequestId,
  }
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Attributes
}
