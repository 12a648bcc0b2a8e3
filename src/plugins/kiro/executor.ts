import type { Executor } from '../../index.ts'
import { isObject, secondTry } from '../../kit.ts'
import { call } from './service.ts'

/** What Kiro says of reasoning that another account's model wrote. */
const FOREIGN_REASONING = 'THINKING_SIGNATURE_INVALID'

/**
 * `GenerateAssistantResponse`, with a login or an API key, by its path as Kiro's editor and most clients call it
 * (caidaoli/kiro2api config/config.go and server/common.go; justlovemaki/AIClient-2-API src/providers/claude/claude-kiro.js;
 * with `x-amz-target` too: router-for-me/CLIProxyAPIPlus internal/runtime/executor/kiro_executor.go).
 *
 * Reasoning is bound to the account it was written for. Where Kiro refuses it, the request goes once more without it, as
 * Kiro's own client does, so that a conversation can change accounts.
 */
export const executor: Executor = async (context) => {
  const send = (body: Record<string, unknown>) =>
    call(context, {
      service: 'runtime',
      operation: 'AmazonCodeWhispererStreamingService.GenerateAssistantResponse',
      path: '/generateAssistantResponse',
      accept: 'application/vnd.amazon.eventstream',
      body,
    })
  const { body } = context.request
  const response = await send(body)
  const bare = response.status === 400 ? withoutReasoning(body) : undefined
  if (!bare) return response
  return await secondTry(response, (said) => (said.includes(FOREIGN_REASONING) ? send(bare) : undefined))
}

/** The same request without reasoning in its history; `undefined` where there is none. */
function withoutReasoning(body: Record<string, unknown>): Record<string, unknown> | undefined {
  const { conversationState: state } = body
  if (!isObject(state) || !Array.isArray(state['history'])) return undefined
  let found = false
  const history = state['history'].map((entry: unknown) => {
    const message = isObject(entry) ? entry['assistantResponseMessage'] : undefined
    if (!isObject(message) || !('reasoningContent' in message)) return entry
    found = true
    const { reasoningContent: _, ...rest } = message
    return { assistantResponseMessage: rest }
  })
  return found ? { ...body, conversationState: { ...state, history } } : undefined
}
