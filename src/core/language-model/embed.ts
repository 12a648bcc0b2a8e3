import type { EmbeddingModelV3CallOptions, EmbeddingModelV3Result } from '@ai-sdk/provider'
import type { ExchangeContext } from '../exchange/exchange.ts'
import { newInfo } from '../exchange/info.ts'
import { failure } from '../in-process/call.ts'
import { readVectors } from '../protocols/openai-chat/embeddings.ts'
import { askPlain } from '../routes/plain.ts'
import { EMBEDDINGS } from '../routes/plain-form.ts'
import { asCallError } from './error.ts'
import { embeddingFields } from './options.ts'
import { givenHeaders } from './request.ts'
import { headersOf, providerMetadataOf } from './result.ts'

/** A call for embeddings, as `POST /v1/embeddings` asks for them. */
export async function embed(
  context: ExchangeContext,
  model: string,
  { values, providerOptions, headers, abortSignal }: EmbeddingModelV3CallOptions,
): Promise<EmbeddingModelV3Result> {
  const info = newInfo('CALL', 'embed')
  info.protocol = 'openai-embeddings'
  const signal = abortSignal ?? new AbortController().signal
  try {
    const body = { ...embeddingFields(providerOptions), model, input: values, encoding_format: 'float' }
    const asking = { body, headers: new Headers(givenHeaders(headers)), info, toNode: false }
    const response = await askPlain(context, EMBEDDINGS, asking, signal)
    return {
      embeddings: readVectors(await response.json(), info.provider ?? 'byok'),
      ...(info.usage && { usage: { tokens: info.usage.input } }),
      providerMetadata: providerMetadataOf(info),
      response: { headers: headersOf(info) },
      warnings: [],
    }
  } catch (error) {
    throw asCallError(failure(context, error, info, { signal }), model)
  }
}
