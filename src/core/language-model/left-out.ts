import type { SharedV3Warning } from '@ai-sdk/provider'
import { isDeepStrictEqual } from 'node:util'
import type { ChatRequest } from '../chat/index.ts'
import type { Answered } from '../exchange/answered.ts'

/** The SDK's settings (`LanguageModelV3CallOptions`), by the fields that byok has for them. */
const SETTINGS = {
  maxCompletionTokens: 'maxOutputTokens',
  temperature: 'temperature',
  stop: 'stopSequences',
  topP: 'topP',
  topK: 'topK',
  presencePenalty: 'presencePenalty',
  frequencyPenalty: 'frequencyPenalty',
  responseFormat: 'responseFormat',
  seed: 'seed',
  toolChoice: 'toolChoice',
  reasoning: 'reasoning',
} as const satisfies { [Field in keyof ChatRequest]?: string }

type Field = keyof typeof SETTINGS

/**
 * Which of the call's settings its provider was not told: without one of these its encoder makes the same request. So it is found
 * for every provider, those of plugins too, whatever the setting hangs on: the model, the login, other settings.
 */
export function warningsOf({ chat, translator }: Pick<Answered, 'chat' | 'translator'>): SharedV3Warning[] {
  if (!chat) return []
  const given = (Object.keys(SETTINGS) as Field[]).filter((field) => asks(chat, field))
  if (given.length === 0) return []
  const sent = translator.request(chat)
  return given
    .filter((field) => isDeepStrictEqual(translator.request(without(chat, field)), sent))
    .map((field) => ({
      type: 'unsupported',
      feature: SETTINGS[field],
      details: `${chat.model} was asked without it.`,
    }))
}

/** Whether a request with this field wants anything else than one without it. */
function asks(chat: ChatRequest, field: Field): boolean {
  const { toolChoice, tools = [], responseFormat, reasoning, stop = [] } = chat
  switch (field) {
    case 'stop':
      return stop.length > 0
    case 'toolChoice':
      return tools.length > 0 && toolChoice !== undefined && toolChoice.type !== 'auto'
    case 'responseFormat':
      return responseFormat !== undefined && responseFormat.type !== 'text'
    case 'reasoning':
      return reasoning !== undefined && reasoning.effort !== 'none' && reasoning.budgetTokens !== 0
    default:
      return chat[field] !== undefined
  }
}

function without(chat: ChatRequest, field: Field): ChatRequest {
  // A limit may be the very one that is sent where none is given.
  if (field === 'maxCompletionTokens') return { ...chat, maxCompletionTokens: chat[field] === 1000 ? 2000 : 1000 }
  const { [field]: _, ...rest } = chat
  return rest
}
