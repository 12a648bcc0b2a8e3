import type { TranslatorPick } from '../../core/plugin.ts'
import { anthropicMessages } from '../../core/protocols/anthropic-messages/index.ts'
import { openaiChat } from '../../core/protocols/openai-chat/index.ts'
import { openaiResponses } from '../../core/protocols/openai-responses/index.ts'
import type { Translator } from '../../core/upstream/translator.ts'
import { endpointOf } from './endpoint.ts'
import type { Endpoint } from './endpoint.ts'
import { readError } from './error.ts'

const messages = anthropicMessages({ provider: 'Copilot' })

/** One translator for each path; requests that a client wrote for it pass through as they are. */
export const translators: Record<Endpoint, Translator> = {
  '/chat/completions': openaiChat({ provider: 'Copilot', extensions: ['cache_control'], error: readError }),
  '/responses': openaiResponses({ provider: 'Copilot', error: readError }),
  '/v1/messages': {
    ...messages,
    error: (body, status, headers) => readError(body, status, headers) ?? messages.error?.(body, status, headers),
  },
}

export const translator: TranslatorPick = ({ model, info }) => translators[endpointOf(model, info)]
