import type { ExecutorContext, UpstreamResponse } from '../../index.ts'
import { isObject, secondTry } from '../../kit.ts'

type Body = Record<string, unknown>

/** The accounts whose organization may not see summaries. A new config is a new try. */
const refused = new WeakMap<object, Set<string>>()

/**
 * Sends a request, and once more without the summary of the reasoning where OpenAI refuses that: organizations that are not verified
 * see none. Clients of other protocols ask for thoughts in words that are no such demand; what one of Responses says stands.
 *
 * Source: home-assistant/core issue 160212, continuedev/continue issue 9607 (`param: "reasoning.summary"`).
 */
export async function withSummaryIfAllowed(
  { request: { body, chat }, config, credential }: Pick<ExecutorContext, 'request' | 'config' | 'credential'>,
  send: (body?: Body) => Promise<UpstreamResponse>,
): Promise<UpstreamResponse> {
  const plain = chat && chat.protocol !== 'openai-responses' ? withoutSummary(body) : undefined
  if (!plain) return await send()
  const accounts = refused.get(config) ?? new Set()
  if (accounts.has(credential.account)) return await send(plain)
  const response = await send()
  if (response.status !== 400) return response
  return await secondTry(response, (said) => {
    if (!said.includes('reasoning.summary')) return undefined
    refused.set(config, accounts.add(credential.account))
    return send(plain)
  })
}

/** The body without a summary; `undefined` where it asks for none. */
function withoutSummary({ reasoning, ...body }: Body): Body | undefined {
  if (!isObject(reasoning) || !('summary' in reasoning)) return undefined
  const { summary: _, ...rest } = reasoning
  return Object.keys(rest).length > 0 ? { ...body, reasoning: rest } : body
}
