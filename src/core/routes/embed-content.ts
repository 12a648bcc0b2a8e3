import type { Stop } from '../async/abort.ts'
import { begin } from '../exchange/exchange.ts'
import type { ExchangeContext } from '../exchange/exchange.ts'
import { isObject } from '../json/json.ts'
import {
  geminiGenerateContent,
  geminiProtocol,
  readEmbed,
  readEmbedUsage,
  textsToEmbed,
  writeEmbed,
} from '../protocols/gemini/index.ts'
import { readVectors } from '../protocols/openai-chat/embeddings.ts'
import { askPlain } from './plain.ts'
import type { Asking } from './plain.ts'
import { EMBEDDINGS } from './plain-form.ts'
import type { PlainForm } from './plain-form.ts'

/** As Google's clients ask for vectors, to a provider that is asked so too: all that they say of what the vectors are for reaches it. */
const EMBED_CONTENT: PlainForm = {
  endpoint: 'gemini-embeddings',
  of: 'vectors',
  streams: () => false,
  protocol: geminiProtocol,
  translator: geminiGenerateContent(),
  named: ({ model: _, ...body }, model) => {
    const { requests } = body
    if (!Array.isArray(requests)) return body
    // Each names the model once more, as `models/{model}` (ai.google.dev/api/embeddings, `EmbedContentRequest`).
    const named = requests.map((request: unknown) =>
      isObject(request) ? { ...request, model: `models/${model}` } : request,
    )
    return { ...body, requests: named }
  },
  prompt: textsToEmbed,
  usage: ({ usageMetadata }) => readEmbedUsage(usageMetadata),
  lacking: (title) =>
    `${title} has no embeddings, or no key for them. Pick a model of a provider that has, with an API key.`,
}

/** `:embedContent` and `:batchEmbedContents`; to a provider that has no such, as OpenAI's embeddings. */
export async function embedContent(
  context: ExchangeContext,
  asking: Asking & { batch: boolean },
  signal: Stop,
): Promise<Response> {
  const { batch, ...asked } = asking
  const { body, info } = asked
  const begun = await begin(context, asked)
  if (begun.routes.some(({ provider }) => provider.plugin.endpoints?.['gemini-embeddings'])) {
    return await askPlain(context, EMBED_CONTENT, { ...asked, begun }, signal)
  }
  const inWords = { ...readEmbed(body, batch), model: begun.model, encoding_format: 'float' }
  const answer = await askPlain(context, EMBEDDINGS, { ...asked, body: inWords, begun }, signal)
  return Response.json(writeEmbed(readVectors(await answer.json(), info.provider ?? 'byok'), batch))
}
