import type { LanguageModelV3 } from '@ai-sdk/provider'
import type { ExchangeContext } from '../exchange/exchange.ts'

/**
 * `byok.languageModel()`: a model of the AI SDK. Its types alone are the SDK's; at run time nothing of it is needed.
 *
 * URLs of files are fetched by the SDK (`supportedUrls` is empty), because not every provider takes them.
 */
export function languageModel(context: ExchangeContext, modelId: string): LanguageModelV3 {
  return {
    specificationVersion: 'v3',
    provider: 'byok',
    modelId,
    supportedUrls: {},
    async doGenerate(options) {
      const { generate } = await import('./generate.ts')
      return await generate(context, modelId, options)
    },
    async doStream(options) {
      const { streamParts } = await import('./stream.ts')
      return await streamParts(context, modelId, options)
    },
  }
}
