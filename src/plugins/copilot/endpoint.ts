import type { ModelInfo } from '../../index.ts'

/** The paths of Copilot's API a chat can go to. */
export type Endpoint = '/chat/completions' | '/responses' | '/v1/messages'

/**
 * Where a model is asked. Copilot's list says which paths each takes (`supported_endpoints`); the wrong one is a 400
 * `unsupported_api_for_model`.
 *
 * Claude goes to `/v1/messages` where it can: there its thinking keeps its signature, and an answer with text and tool calls
 * is one answer, which `/chat/completions` splits in two choices. For the rest OpenAI's older format comes first, in which
 * most requests are written.
 */
export function endpointOf(model: string, info: ModelInfo | undefined): Endpoint {
  const known = info?.endpoints
  if (!known || known.length === 0) return guess(model)
  if (isClaude(model) && known.includes('/v1/messages')) return '/v1/messages'
  if (known.includes('/chat/completions')) return '/chat/completions'
  if (known.includes('/responses')) return '/responses'
  return known.includes('/v1/messages') ? '/v1/messages' : '/chat/completions'
}

/**
 * Until the list is known: GPT-5 and later, but for GPT-5 mini, is asked by Responses.
 *
 * Source: anomalyco/opencode, packages/opencode/src/provider/provider.ts, `shouldUseCopilotResponsesApi`.
 */
function guess(model: string): Endpoint {
  const generation = /^gpt-(\d+)/.exec(model)?.[1]
  const responses = generation !== undefined && Number(generation) >= 5 && !model.startsWith('gpt-5-mini')
  return responses ? '/responses' : '/chat/completions'
}

export function isClaude(model: string): boolean {
  return model.startsWith('claude-')
}
