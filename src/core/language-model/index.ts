import type {
  EmbeddingModelV3,
  ImageModelV3,
  LanguageModelV3,
  SpeechModelV3,
  TranscriptionModelV3,
} from '@ai-sdk/provider'
import type { ExchangeContext } from '../exchange/exchange.ts'

/**
 * What the AI SDK takes for a provider (`ProviderV3` of @ai-sdk/provider): `createProviderRegistry({ byok })`,
 * `customProvider({ fallbackProvider: byok })`. Its types alone are the SDK's; at run time nothing of it is needed.
 */
export interface AISDKProvider {
  readonly specificationVersion: 'v3'
  /**
   * A model for the AI SDK: `generateText({ model: byok.languageModel('claude/claude-sonnet-5-5'), prompt })`. What the SDK has no
   * word for stands in `providerOptions.byok`, such as `reasoning: { effort: 'high' }`.
   */
  languageModel(model: string): LanguageModelV3
  /**
   * One for embeddings: `embed({ model: byok.embeddingModel('codex/text-embedding-3-small'), value })`. Where it has them,
   * `dimensions` and `user` stand in `providerOptions.byok`.
   */
  embeddingModel(model: string): EmbeddingModelV3
  /**
   * One for images: `generateImage({ model: byok.imageModel('codex/gpt-image-2'), prompt })`. Fields of OpenAI's Images that the SDK has no
   * word for stand in `providerOptions.byok`, such as `quality`.
   */
  imageModel(model: string): ImageModelV3
  /** One that writes down recordings: `transcribe({ model: byok.transcriptionModel('gemini/gemini-2.5-flash'), audio })`. */
  transcriptionModel(model: string): TranscriptionModelV3
  /** One that speaks: `generateSpeech({ model: byok.speechModel('codex/gpt-4o-mini-tts'), text })`. */
  speechModel(model: string): SpeechModelV3
}

/** What all models are to the SDK. */
const OURS = { specificationVersion: 'v3', provider: 'byok' } as const

/** Each module that asks is loaded with the first call of its kind. */
export function aiSDKProvider(context: ExchangeContext): AISDKProvider {
  return {
    specificationVersion: 'v3',
    languageModel: (modelId) => ({
      ...OURS,
      modelId,
      // URLs of files are fetched by the SDK, because not every provider takes them.
      supportedUrls: {},
      async doGenerate(options) {
        const { generate } = await import('./generate.ts')
        return await generate(context, modelId, options)
      },
      async doStream(options) {
        const { streamParts } = await import('./stream.ts')
        return await streamParts(context, modelId, options)
      },
    }),
    embeddingModel: (modelId) => ({
      ...OURS,
      modelId,
      // "any array must be 2048 dimensions or less" (openai-node src/resources/embeddings.ts, `input`), as in the SDK's own providers.
      maxEmbeddingsPerCall: 2048,
      supportsParallelCalls: true,
      async doEmbed(options) {
        const { embed } = await import('./embed.ts')
        return await embed(context, modelId, options)
      },
    }),
    imageModel: (modelId) => ({
      ...OURS,
      modelId,
      // What draws in chats draws one. The SDK asks as often as it needs.
      maxImagesPerCall: 1,
      async doGenerate(options) {
        const { draw } = await import('./draw.ts')
        return await draw(context, modelId, options)
      },
    }),
    transcriptionModel: (modelId) => ({
      ...OURS,
      modelId,
      async doGenerate(options) {
        const { transcribe } = await import('./transcribe.ts')
        return await transcribe(context, modelId, options)
      },
    }),
    speechModel: (modelId) => ({
      ...OURS,
      modelId,
      async doGenerate(options) {
        const { speak } = await import('./speak.ts')
        return await speak(context, modelId, options)
      },
    }),
  }
}
