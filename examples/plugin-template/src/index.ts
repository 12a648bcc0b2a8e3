import { apiKey, definePlugin, jsonOf, openaiChat, tokenOf } from 'byok'
import { z } from 'zod'

/** Where Acme is, unless `providers.acme.base_url` says otherwise. */
const BASE_URL = 'https://api.acme.example/v1'

export default definePlugin({
  name: 'acme',
  title: 'Acme',
  // A byok with another version of the plugin API then says so, and does not fail later.
  apiVersion: 1,
  models: [
    { id: 'acme-large', contextWindow: 200_000, maxOutputTokens: 32_000 },
    { id: 'acme-small', aliases: ['small'] },
  ],
  auth: [apiKey({ env: ['ACME_API_KEY'] })],
  // Keys under `providers.acme` besides the common ones: checked with the rest of the config, and in its JSON Schema.
  config: z.object({
    organization: z.string().optional().describe('The organization that is billed.'),
  }),
  // Acme speaks OpenAI's Chat Completions. Others: anthropicMessages(), openaiResponses(), geminiGenerateContent(), or your own.
  translator: openaiChat({ provider: 'Acme' }),
  executor: ({ request, credential, config, fetch }) =>
    fetch(`${config.base_url ?? BASE_URL}/chat/completions`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${tokenOf(credential).reveal()}`,
        ...(config.organization !== undefined && { 'acme-organization': config.organization }),
      },
      body: jsonOf(request),
    }),
})
