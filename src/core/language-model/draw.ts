import type { ImageModelV3CallOptions, ImageModelV3File, JSONValue, SharedV3Warning } from '@ai-sdk/provider'
import type { ExchangeContext } from '../exchange/exchange.ts'
import { isObject, objects, text } from '../protocols/json.ts'
import { dataUrl } from '../protocols/openai-chat/data-url.ts'
import { imagesProtocol } from '../protocols/openai-images/index.ts'
import { askForImages } from '../routes/images.ts'
import { badAnswer } from '../upstream/error.ts'
import { imageFields } from './options.ts'
import { plainCall } from './plain-call.ts'
import { headersOf, providerMetadataOf, unread } from './result.ts'

/** What `ImageModelV3.doGenerate` resolves with; its type has no name of its own. */
export interface Drawn {
  images: string[]
  warnings: SharedV3Warning[]
  providerMetadata: Record<string, { images: JSONValue[] }>
  response: { timestamp: Date; modelId: string; headers: Record<string, string> }
  usage?: { inputTokens: number; outputTokens: number; totalTokens: number }
}

/** A call for images, as `POST /v1/images/generations` and, with files, `/v1/images/edits` ask for them. */
export function draw(
  context: ExchangeContext,
  model: string,
  { prompt, n, size, aspectRatio, seed, files = [], mask, providerOptions, ...call }: ImageModelV3CallOptions,
): Promise<Drawn> {
  const endpoint = files.length > 0 ? 'images/edits' : 'images/generations'
  return plainCall(context, { ...call, name: 'draw', protocol: imagesProtocol.name, model }, async (asking, signal) => {
    const body = {
      // As @ai-sdk/openai-compatible asks: DALL·E and others answer with an address else, which the SDK has no place for.
      response_format: 'b64_json',
      ...imageFields(providerOptions),
      model,
      prompt,
      n,
      ...(size !== undefined && { size }),
      ...(files.length > 0 && { images: files.map(imageOf) }),
      ...(mask && { mask: imageOf(mask) }),
    }
    const answer = await askForImages(context, endpoint, { ...asking, body }, signal)
    const { info } = asking
    const images = imagesIn(await answer.json(), info.provider ?? 'byok')
    const { usage } = info
    const served = providerMetadataOf(info)['byok'] ?? {}
    return {
      images,
      warnings: [...unread('aspectRatio', aspectRatio), ...unread('seed', seed)],
      // By image: of several calls the SDK keeps nothing else.
      providerMetadata: { byok: { images: images.map(() => served) } },
      response: { timestamp: new Date(), modelId: model, headers: headersOf(info) },
      ...(usage && {
        usage: { inputTokens: usage.input, outputTokens: usage.output, totalTokens: usage.input + usage.output },
      }),
    }
  })
}

function imageOf(file: ImageModelV3File): { image_url: string } {
  if (file.type === 'url') return { image_url: file.url }
  const { data, mediaType } = file
  return { image_url: dataUrl(mediaType, typeof data === 'string' ? data : Buffer.from(data).toString('base64')) }
}

/** openai-node src/resources/images.ts, `ImagesResponse`. */
function imagesIn(answer: unknown, provider: string): string[] {
  const data = objects(isObject(answer) ? answer['data'] : undefined)
  const images = data.flatMap(({ b64_json: image }) => text(image) ?? [])
  if (images.length === 0) throw badAnswer(provider, 'no image')
  return images
}
