import { startFakeProvider } from '../../src/testing/fake-server.ts'
import type { FakeProvider } from '../../src/testing/fake-server.ts'
import { answerChat, badRequest, checkBearer, checkChatRequest, sendError } from './openai-chat.ts'
import { checkResponsesRequest } from './openai-responses-check.ts'
import { answerResponses } from './openai-responses-render.ts'
import type { Json } from './openai-responses-wire.ts'

export { checkResponsesRequest, NOTES } from './openai-responses-check.ts'
export { answerResponses, Renderer } from './openai-responses-render.ts'

export interface OpenAIResponsesFakeOptions {
  /** The one key that is good. Default: `sk-test`. */
  key?: string
  /** Whether the organization is verified, without which OpenAI summarizes no reasoning. Default: true. */
  verified?: boolean
}

/**
 * OpenAI's API as one who has a key meets it: `POST /v1/responses`, and `POST /v1/chat/completions` for the models that take
 * it. Its `url` ends in `/v1`, as the vendor's own SDK takes it.
 */
export async function startOpenAIResponses({
  key = 'sk-test',
  verified = true,
}: OpenAIResponsesFakeOptions = {}): Promise<FakeProvider> {
  const issued = new Set<string>()
  return await startFakeProvider(async (request, reply, next) => {
    const fault = checkBearer(request, key)
    if (fault) return sendError(reply, fault)
    const chat = request.path === '/v1/chat/completions'
    if ((!chat && request.path !== '/v1/responses') || request.method !== 'POST') {
      const unknown = badRequest(`Invalid URL (${request.method} ${request.path})`)
      return sendError(reply, { ...unknown, status: 404 })
    }
    const bad = chat ? checkChatRequest(request) : checkResponsesRequest(request, issued)
    if (bad) return sendError(reply, bad)
    const body = request.json as Json
    if (!verified && (body['reasoning']?.summary ?? undefined) !== undefined) return sendError(reply, unverified)
    if (!chat) return await answerResponses(body, reply, next(), { issued })
    if (/codex|-pro$/.test(body['model'])) {
      const error = badRequest('This model is only supported in v1/responses and not in v1/chat/completions.', 'model')
      return sendError(reply, { ...error, status: 404 })
    }
    return await answerChat(body, reply, next())
  }, '/v1')
}

/** As quoted in home-assistant/core issue 160212 and continuedev/continue issue 9607. */
const unverified = badRequest(
  'Your organization must be verified to generate reasoning summaries. Please go to: ' +
    'https://platform.openai.com/settings/organization/general and click on Verify Organization. If you just verified, it can ' +
    'take up to 15 minutes for access to propagate.',
  'reasoning.summary',
  'unsupported_value',
)
