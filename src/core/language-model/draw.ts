import type { ImageModelV3CallOptions, ImageModelV3File, JSONValue, SharedV3Warning } from '@ai-sdk/provider'
import type { ExchangeContext } from '../exchange/exchange.ts'
import { newInfo } from '../exchange/info.ts'
import { failure } from '../in-process/call.ts'
import { isObject, objects, text } from '../protocols/json.ts'
import { dataUrl } from '../protocols/openai-chat/data-url.ts'
import { imagesProtocol } from '../protocols/openai-images/index.ts'
import { askForImages } from '../routes/images.ts'
import { badAnswer } from '../upstream/error.ts'
import { asCallError } from './error.ts'
import { imageFields } from './options.ts'
import { givenHeaders } from './request.ts'
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
export async function draw(
  context: ExchangeContext,
  model: string,
  {
    prompt,
    n,
    size,
    aspectRatio,
    seed,
    files = [],
    mask,
    providerOptions,
    headers,
    abortSignal,
  }: ImageModelV3CallOptions,
): Promise<Drawn> {
  const info = newInfo('CALL', 'draw')
  info.protocol = imagesProtocol.name
  const signal = abortSignal ?? new AbortController().signal
  const endpoint = files.length > 0 ? 'images/edits' : 'images/generations'
  try {
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
    const asking = { body, headers: new Headers(givenHeaders(headers)), info, toNode: false }
    const answer: unknown = await (await askForImages(context, endpoint, asking, signal)).json()
    const { usage } = info
    const images = imagesIn(answer, info.provider ?? 'byok')
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
  } catch (error) {
    throw asCallError(failure(context, error, info, { signal }), model)
  }
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
