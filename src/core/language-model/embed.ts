import type { EmbeddingModelV3CallOptions, EmbeddingModelV3Result } from '@ai-sdk/provider'
import type { ExchangeContext } from '../exchange/exchange.ts'
import { readVectors } from '../protocols/openai-chat/embeddings.ts'
import { askPlain } from '../routes/plain.ts'
import { EMBEDDINGS } from '../routes/plain-form.ts'
import { embeddingFields } from './options.ts'
import { plainCall } from './plain-call.ts'
import { headersOf, providerMetadataOf } from './result.ts'

/** A call for embeddings, as `POST /v1/embeddings` asks for them. */
export function embed(
  context: ExchangeContext,
  model: string,
  { values, providerOptions, ...call }: EmbeddingModelV3CallOptions,
): Promise<EmbeddingModelV3Result> {
  return plainCall(
    context,
    { ...call, name: 'embed', protocol: 'openai-embeddings', model },
    async (asking, signal) => {
      const body = { ...embeddingFields(providerOptions), model, input: values, encoding_format: 'float' }
      const response = await askPlain(context, EMBEDDINGS, { ...asking, body }, signal)
      const { info } = asking
      return {
        embeddings: readVectors(await response.json(), info.provider ?? 'byok'),
        ...(info.usage && { usage: { tokens: info.usage.input } }),
        providerMetadata: providerMetadataOf(info),
        response: { headers: headersOf(info) },
        warnings: [],
      }
    },
  )
}
