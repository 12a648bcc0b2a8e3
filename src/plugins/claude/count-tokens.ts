import { z } from 'zod'
import type { CountTokens } from '../../index.ts'
import { headersOf, urlOf } from './request.ts'

/** `MessageCountTokensParams` of @anthropic-ai/sdk: what of a message's body counts, and what the endpoint takes. */
const FIELDS = ['model', 'messages', 'system', 'tools', 'tool_choice', 'thinking', 'output_config', 'cache_control']

/** Fields of betas that it takes too, where the client asked for the beta. */
const BETA_FIELDS = ['context_management', 'mcp_servers', 'speed']

const answerSchema = z.object({ input_tokens: z.number().int().nonnegative() })

/** `POST /v1/messages/count_tokens`, which is free of charge. */
export const countTokens: CountTokens = async ({ request, credential, config, clientHeaders, fetch }) => {
  const beta = clientHeaders?.get('anthropic-beta')
  const fields = [...FIELDS, ...(beta ? BETA_FIELDS : [])]
  const body = Object.fromEntries(Object.entries(request.body).filter(([name]) => fields.includes(name)))
  const response = await fetch(urlOf('/v1/messages/count_tokens', credential, config), {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headersOf(credential, beta) },
    body: JSON.stringify(body),
  })
  return response.ok ? answerSchema.parse(await response.json()).input_tokens : response
}
