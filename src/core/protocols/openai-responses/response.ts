import type { ChatEvent, ChatRequest, Usage } from '../../chat/index.ts'
import { kept } from './wire.ts'
import type { JsonObject } from '../json.ts'
import type { EncodeContext } from '../protocol.ts'
import { asWritten } from './compaction.ts'
import { newId } from './items.ts'
import type { Outcome } from './items.ts'
import { writeResponseFormat, writeToolChoice, writeTools } from './request-tools.ts'
import { writeUsage } from './usage.ts'

type EventOf<Type extends ChatEvent['type']> = Extract<ChatEvent, { type: Type }>

/** What a response says besides its output. */
export interface ResponseFacts {
  id: string
  model: string
  /** Unix seconds. */
  created: number
  serviceTier: string | undefined
}

/** What the first event of an answer tells; what it leaves out is made up. */
export function responseFacts(
  { id, model, created, extra }: Omit<EventOf<'start'>, 'type'>,
  asked: string,
): ResponseFacts {
  const tier = extra?.['service_tier']
  return {
    // The provider's id where it is one of this format.
    id: id?.startsWith('resp_') ? id : newId('resp'),
    model: model ?? asked,
    created: created ?? Math.floor(Date.now() / 1000),
    serviceTier: typeof tier === 'string' ? tier : undefined,
  }
}

/** A whole `response` (openai-node `Response`). `outcome` is absent while it is in progress. */
export function writeResponse(
  facts: ResponseFacts,
  context: EncodeContext,
  output: JsonObject[],
  outcome?: Outcome,
  usage?: Usage,
): JsonObject {
  const chat = context.chat && asWritten(context.chat)
  const hints = chat ? kept(chat) : {}
  return {
    id: facts.id,
    object: 'response',
    created_at: facts.created,
    status: outcome?.status ?? 'in_progress',
    background: false,
    error: outcome?.error ?? null,
    incomplete_details: outcome?.details ?? null,
    instructions: instructionsOf(chat),
    max_output_tokens: chat?.maxCompletionTokens ?? null,
    model: facts.model,
    output,
    parallel_tool_calls: chat?.parallelToolCalls ?? true,
    previous_response_id: null,
    prompt_cache_key: chat?.promptCacheKey ?? null,
    reasoning: { effort: chat?.reasoning?.effort ?? null, summary: chat?.reasoning?.summary ?? null },
    safety_identifier: hints['safety_identifier'] ?? null,
    service_tier: facts.serviceTier ?? chat?.serviceTier ?? 'default',
    store: chat?.store ?? true,
    temperature: chat?.temperature ?? 1,
    text: {
      format: chat?.responseFormat ? writeResponseFormat(chat.responseFormat) : { type: 'text' },
      verbosity: chat?.verbosity ?? 'medium',
    },
    tool_choice: choiceOf(chat),
    tools: writeTools(chat?.tools ?? [], 'byok'),
    top_logprobs: chat?.topLogprobs ?? 0,
    top_p: chat?.topP ?? 1,
    truncation: hints['truncation'] ?? 'disabled',
    usage: usage ? writeUsage(usage) : null,
    user: chat?.user ?? null,
    metadata: chat?.metadata ?? {},
  }
}

function instructionsOf(chat: ChatRequest | undefined): string | null {
  const first = chat?.messages[0]
  if (first?.role !== 'system' || kept(first)['instructions'] !== true) return null
  return first.content.map(({ text }) => text).join('\n')
}

function choiceOf(chat: ChatRequest | undefined): unknown {
  if (chat?.toolChoice) return writeToolChoice(chat.toolChoice, chat.tools ?? [])
  return chat?.extra?.['tool_choice'] ?? 'auto'
}
