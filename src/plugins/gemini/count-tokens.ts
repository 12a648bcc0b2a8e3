import { z } from 'zod'
import type { CountTokens } from '../../index.ts'
import { baseOf, headersOf } from './executor.ts'

const answerSchema = z.object({ totalTokens: z.number().int().nonnegative() })

/**
 * `POST /v1beta/models/{model}:countTokens` with the whole request, so that the system prompt and tools count
 * (ai.google.dev/api/tokens, `generateContentRequest`). Code Assist counts `contents` alone, which would leave those out.
 */
export const countTokens: CountTokens = async ({ request, credential, config, fetch }) => {
  if (credential.kind === 'oauth') return undefined
  const { model, body } = request
  const url = `${baseOf({ credential, config })}/v1beta/models/${encodeURIComponent(model)}:countTokens`
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headersOf({ credential, config }) },
    body: JSON.stringify({ generateContentRequest: { ...body, model: `models/${model}` } }),
  })
  return response.ok ? answerSchema.parse(await response.json()).totalTokens : response
}
