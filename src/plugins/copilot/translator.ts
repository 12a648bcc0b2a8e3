import { anthropicMessages, openaiChat, openaiResponses } from '../../index.ts'
import type { ModelInfo, OpenAIChatOptions, Translator, TranslatorPick } from '../../index.ts'
import {
  belongsToResponses,
  claudeTraitsOf,
  expectsCache,
  withCachedMessages,
  withCachedSystem,
  withLeastReasoning,
  withoutEchoes,
  withoutEmptyPages,
  withoutReasoningTools,
  withOwnStops,
} from '../../kit.ts'
import { endpointOf, isClaude } from './endpoint.ts'
import { readError } from './error.ts'
import { joinChoices } from './join-choices.ts'

// Requests that a client wrote for a path pass through as they are.
const options: OpenAIChatOptions = { provider: 'Copilot', extensions: ['cache_control'], error: readError }
// It refuses `stop`: farion1231/cc-switch pull request 5404.
const chat = withoutEmptyPages(withOwnStops(withLeastReasoning(withoutEchoes(openaiChat(options)))))
const chatOrResponses = withoutReasoningTools(chat)
const responses = withoutEmptyPages(
  withOwnStops(withLeastReasoning(openaiResponses({ provider: 'Copilot', error: readError }))),
)

/**
 * An answer may be as long as Copilot says, which is less than Anthropic would allow.
 *
 * Source: microsoft/vscode-copilot-chat, src/platform/endpoint/node/chatEndpoint.ts (`max_output_tokens` of the list) and
 * messagesApi.ts (`max_tokens`). It marks what is to be cached, too: src/extension/intents/node/cacheBreakpoints.ts, and
 * `addToolsAndSystemCacheControl` of messagesApi.ts.
 */
function messagesOf(info: ModelInfo | undefined): Translator {
  // Of Anthropic's betas it serves a few (betas.ts), and threads are not among them.
  const anthropic = anthropicMessages({ provider: 'Copilot', traits: claudeTraitsOf(info), threads: false })
  return {
    ...anthropic,
    request: (chat) => {
      const body = anthropic.request(chat)
      return expectsCache(chat) ? withCachedMessages(withCachedSystem(body)) : body
    },
    error: (body, status, headers) => readError(body, status, headers) ?? anthropic.error?.(body, status, headers),
  }
}

// More choices than one could not be told from the parts of one.
const split = openaiChat({ ...options, format: 'copilot-claude-chat', refuses: ['n'] })
const claudeChat = withOwnStops({ ...split, answer: (body, chat) => split.answer?.(joinChoices(body), chat) ?? [] })

export const translator: TranslatorPick = ({ model, info, chat: request }) => {
  switch (endpointOf(model, info)) {
    case '/responses':
      return responses
    case '/v1/messages':
      return messagesOf(info)
    case '/chat/completions':
      if (isClaude(model)) return claudeChat
      if (!info?.endpoints?.includes('/responses')) return chat
      return request && belongsToResponses(model, request) ? responses : chatOrResponses
  }
}
