import { ChatError } from '../../core/chat/index.ts'
import type { Executor } from '../../core/plugin.ts'

/** @see https://github.com/openai/openai-node/blob/master/src/client.ts `baseURL` */
const BASE_URL = 'https://api.openai.com/v1'

/** OpenAI's Chat Completions with an API key. */
export const executor: Executor = async ({ request, credential, config, fetch }) => {
  if (credential.kind !== 'api_key') {
    throw new ChatError('byok cannot use a ChatGPT login yet. Set providers.codex.api_key.', { status: 401 })
  }
  return await fetch(`${credential.baseUrl ?? config.base_url ?? BASE_URL}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${credential.key.reveal()}` },
    body: JSON.stringify(request.body),
  })
}
