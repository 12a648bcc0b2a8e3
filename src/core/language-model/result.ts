import type {
  LanguageModelV3Content,
  LanguageModelV3FinishReason,
  LanguageModelV3ResponseMetadata,
  LanguageModelV3Usage,
  SharedV3Headers,
  SharedV3ProviderMetadata,
  SharedV3Warning,
} from '@ai-sdk/provider'
import type { AssistantPart, ChatAnswer, Extra, FinishReason, Usage } from '../chat/index.ts'
import { setRoutingHeaders } from '../exchange/headers.ts'
import type { RequestInfo } from '../hooks.ts'
import { writeProof } from './proof.ts'
import { jsonOf } from './request.ts'

const REASONS: Record<FinishReason, LanguageModelV3FinishReason['unified']> = {
  stop: 'stop',
  length: 'length',
  tool_calls: 'tool-calls',
  content_filter: 'content-filter',
  refusal: 'content-filter',
  pause: 'other',
  error: 'error',
}

export function finishOf(reason: FinishReason = 'error', native?: string): LanguageModelV3FinishReason {
  return { unified: REASONS[reason], raw: native ?? reason }
}

export function usageOf(usage: Usage | undefined): LanguageModelV3Usage {
  const { input, output, cachedInput, cacheWrite, reasoning } = usage ?? {}
  return {
    inputTokens: {
      total: input,
      noCache: input === undefined ? undefined : input - (cachedInput ?? 0) - (cacheWrite ?? 0),
      cacheRead: cachedInput,
      cacheWrite,
    },
    outputTokens: {
      total: output,
      text: output === undefined ? undefined : output - (reasoning ?? 0),
      reasoning,
    },
    ...(usage && { raw: jsonOf(usage) }),
  }
}

export function contentOf(parts: readonly AssistantPart[]): LanguageModelV3Content[] {
  return parts.flatMap((part): LanguageModelV3Content[] => {
    switch (part.type) {
      case 'text':
        return [{ type: 'text', text: part.text }]
      case 'refusal':
        return [{ type: 'text', text: part.refusal }]
      case 'reasoning':
        return [{ type: 'reasoning', text: part.text, ...writeProof(part) }]
      case 'tool-call':
        return [{ type: 'tool-call', toolCallId: part.id, toolName: part.name, input: inputOf(part.arguments) }]
      default:
        // Answers are told in events, and no event makes such a part.
        return []
    }
  })
}

/** A call without arguments may come with none at all. */
export function inputOf(json: string): string {
  return json.trim() === '' ? '{}' : json
}

type Metadata = Pick<ChatAnswer, 'id' | 'model' | 'created'>

export function metadataOf({ id, model, created }: Metadata): LanguageModelV3ResponseMetadata {
  return {
    ...(id !== undefined && { id }),
    ...(model !== undefined && { modelId: model }),
    ...(created !== undefined && { timestamp: new Date(created * 1000) }),
  }
}

/** The headers that a client over HTTP would have been given. */
export function headersOf(info: Readonly<RequestInfo>): SharedV3Headers {
  const headers = new Headers({ 'x-request-id': info.id })
  setRoutingHeaders(headers, info)
  return Object.fromEntries(headers)
}

/** Who served the call, and what else the provider said of the answer, by its wire names. */
export function providerMetadataOf(
  { provider, account }: Readonly<RequestInfo>,
  ...extras: (Extra | undefined)[]
): SharedV3ProviderMetadata {
  const said: Extra = {}
  for (const extra of extras) Object.assign(said, extra)
  return { byok: jsonOf({ ...said, provider, account }) }
}

/** A setting that there is no field for where the model is asked; @ai-sdk/openai warns in the same way. */
export function unread(feature: string, value: unknown): SharedV3Warning[] {
  return value === undefined ? [] : [{ type: 'unsupported', feature }]
}
