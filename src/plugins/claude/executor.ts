import { jsonOf } from '../../index.ts'
import type { Executor } from '../../index.ts'
import { withoutForeignBlocks } from '../../kit.ts'
import { withPromptCache } from './prompt-cache.ts'
import type { claudeSettings } from './prompt-cache.ts'
import { headersOf, urlOf } from './request.ts'

/** Anthropic's `POST /v1/messages`, with a key or a login. */
export const executor: Executor<typeof claudeSettings> = async (context) => {
  const { request, credential, config, clientHeaders, fetch } = context
  // What was translated holds nothing of another vendor's that Claude refuses; what passes through may.
  const body = request.chat ? withPromptCache(request.body, request.chat, context) : withoutForeignBlocks(request.body)
  return await fetch(urlOf('/v1/messages', credential, config), {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headersOf(credential, clientHeaders?.get('anthropic-beta')) },
    body: jsonOf(request, body),
  })
}
