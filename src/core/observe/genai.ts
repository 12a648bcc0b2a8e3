import { cleanName } from '../text/clean-name.ts'
import type { RequestInfo } from '../hooks.ts'
import { providerName } from './provider-name.ts'

/*
 * OpenTelemetry's semantic conventions for generative AI: names and buckets of
 * open-telemetry/semantic-conventions-genai docs/gen-ai/gen-ai-metrics.md and gen-ai-spans.md. They are still in development there.
 */

/** Seconds. */
export const DURATION_BUCKETS = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92]
export const TOKEN_BUCKETS = [
  1, 4, 16, 64, 256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216, 67_108_864,
]

/** Formats of Gemini's, whose operation has a name of its own. */
const GENERATE_CONTENT = new Set(['gemini', 'gemini-code-assist', 'antigravity'])

/** `gen_ai.operation.name`: what the provider is asked to do, whatever the client's word for it is. */
export function operationOf({ protocol, upstreamProtocol = '' }: RequestInfo): string {
  if (protocol === 'openai-embeddings') return 'embeddings'
  if (protocol === 'openai-completions') return 'text_completion'
  if (protocol === 'openai-moderations') return 'moderation'
  const makesMedia = protocol === 'openai-images' || protocol === 'openai-audio'
  return makesMedia || GENERATE_CONTENT.has(upstreamProtocol) ? 'generate_content' : 'chat'
}

/** Seconds until the answer of a streaming request began. */
export function timeToFirstChunk({ stream, startedAt, firstByteAt }: RequestInfo): number | undefined {
  return stream === true && firstByteAt !== undefined ? (firstByteAt - startedAt) / 1000 : undefined
}

type Attributes = Record<string, string | number | boolean | string[]>

/** What tells one series of measurements from another. */
export function metricAttributes(info: RequestInfo): Attributes {
  const { provider = 'unknown', upstreamOrigin, upstreamModel, answer, outcome } = info
  const url = upstreamOrigin === undefined ? undefined : new URL(upstreamOrigin)
  return known({
    'gen_ai.operation.name': operationOf(info),
    'gen_ai.provider.name': providerName(provider, url?.hostname),
    'gen_ai.request.model': upstreamModel === undefined ? undefined : cleanName(upstreamModel),
    'gen_ai.response.model': answer?.model === undefined ? undefined : cleanName(answer.model),
    'server.address': url?.hostname,
    'server.port': url && portOf(url),
    // The conventions have no word for a client that went away, which is no error.
    'byok.outcome': outcome === 'aborted' ? outcome : undefined,
  })
}

/** `error.type` */
export function errorType({ outcome, error = '_OTHER' }: RequestInfo): string | undefined {
  return outcome === 'error' ? cleanName(error) : undefined
}

/** What is known of one request; nothing of what was asked or answered. */
export function spanAttributes(info: RequestInfo): Attributes {
  const { answer } = info
  // What byok estimated is not what the provider counted.
  const usage = info.usage?.estimated ? undefined : info.usage
  return known({
    ...metricAttributes(info),
    'gen_ai.request.stream': info.stream === true ? true : undefined,
    'gen_ai.response.id': answer?.id === undefined ? undefined : cleanName(answer.id),
    'gen_ai.response.finish_reasons': answer?.finish?.map(cleanName),
    'gen_ai.response.time_to_first_chunk': timeToFirstChunk(info),
    'gen_ai.usage.input_tokens': usage?.input,
    'gen_ai.usage.output_tokens': usage?.output,
    'gen_ai.usage.cache_read.input_tokens': usage?.cachedInput,
    'gen_ai.usage.cache_creation.input_tokens': usage?.cacheWrite,
    'gen_ai.usage.reasoning.output_tokens': usage?.reasoning,
    'error.type': errorType(info),
    'byok.request_id': info.id,
    'byok.account': info.account,
    'byok.attempts': info.attempts,
    'byok.client': info.client,
    'byok.upstream_request_id': info.upstreamRequestId,
  })
}

function portOf({ port, protocol }: URL): number {
  if (port !== '') return Number(port)
  return protocol === 'https:' ? 443 : 80
}

function known(attributes: Record<string, Attributes[string] | undefined>): Attributes {
  const given: Attributes = {}
  for (const [name, value] of Object.entries(attributes)) if (value !== undefined) given[name] = value
  return given
}
