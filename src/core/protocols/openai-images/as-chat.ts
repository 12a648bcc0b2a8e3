import { unsupported } from '../../chat/index.ts'
import type { ChatError, Usage } from '../../chat/index.ts'
import { readWholeAnswer, saidReason } from '../gemini/whole-answer.ts'
import { isObject, objects } from '../json.ts'
import type { JsonObject } from '../json.ts'
import { dataUrl } from '../openai-chat/data-url.ts'
import { fieldsOf, invalid, missing } from '../openai-chat/fields.ts'
import { imagesIn } from './form.ts'

/** @google/genai `ImageConfig.aspectRatio`. */
const RATIOS = ['1:1', '2:3', '3:2', '3:4', '4:3', '9:16', '16:9', '21:9']
/** Pixels of the longer side up to which Google's sizes are asked for; without one it is `1K` (`ImageConfig.imageSize`). */
const SIZES = [
  [1536, undefined],
  [2560, '2K'],
  [Number.POSITIVE_INFINITY, '4K'],
] as const

/**
 * A request of OpenAI's Images as one of Gemini's, whose models draw in chats. What says how else to go about it (`quality`, `style`,
 * `moderation`, …) is left out.
 *
 * @param provider what people call it, for errors
 * @param edits whether there must be an image to start from
 * @throws {ChatError} 400 naming what Gemini has no word for
 */
export function chatOfImages(body: JsonObject, provider: string, edits = false): JsonObject {
  const fields = fieldsOf(body)
  const prompt = fields.string('prompt')
  if (prompt === undefined || prompt === '') throw missing('prompt')
  if ((fields.integer('n') ?? 1) !== 1) throw unsupported(provider, 'several images at once', 'n')
  if (fields.boolean('stream') === true) throw unsupported(provider, 'a stream of an image', 'stream')
  for (const name of ['mask', 'markup']) {
    if (body[name] !== undefined && body[name] !== null) throw unsupported(provider, `a \`${name}\``, name)
  }
  const { output_format: format } = body
  if (format === 'gif' || format === 'svg') throw unsupported(provider, `an image as ${format}`, 'output_format')
  if (body['background'] === 'transparent') throw unsupported(provider, 'a transparent background', 'background')
  const images = imagesIn(body['images'])
  if (edits && images.length === 0) throw missing('image')
  const start = images.map(({ mediaType: mimeType, data }) => ({ inlineData: { mimeType, data } }))
  const imageConfig = configOf(fields.string('size'))
  return {
    model: body['model'],
    stream: false,
    contents: [{ role: 'user', parts: [...start, { text: prompt }] }],
    generationConfig: { responseModalities: ['TEXT', 'IMAGE'], ...(imageConfig && { imageConfig }) },
  }
}

function configOf(size: string | undefined): JsonObject | undefined {
  if (size === undefined || size === 'auto') return undefined
  const [, width = 0, height = 0] = /^(\d{1,5})x(\d{1,5})$/.exec(size)?.map(Number) ?? []
  if (width === 0 || height === 0)
    throw invalid("'size' must be 'auto' or such as '1024x1024'.", 'size', 'invalid_value')
  const imageSize = SIZES.find(([most]) => Math.max(width, height) <= most)?.[1]
  return { aspectRatio: nearestRatio(width / height), ...(imageSize !== undefined && { imageSize }) }
}

function nearestRatio(wanted: number): string {
  const distance = (ratio: string) => {
    const [width = 1, height = 1] = ratio.split(':').map(Number)
    return Math.abs(Math.log(width / height / wanted))
  }
  return RATIOS.toSorted((one, other) => distance(one) - distance(other))[0] ?? '1:1'
}

/**
 * An answer of Gemini's as one of OpenAI's Images (openai-node src/resources/images.ts, `ImagesResponse`).
 *
 * @param asked the client's request
 * @throws {ChatError} 400 where there is no image in it
 */
export function imagesOfChat(answer: unknown, asked: JsonObject, provider: string): JsonObject {
  const { parts, broken, usage } = readWholeAnswer(answer)
  const drawn = parts.flatMap(({ inlineData }) => (isObject(inlineData) ? [inlineData] : []))
  const [first] = drawn
  if (!first) throw notDrawn(provider, broken)
  const format = /^image\/(png|jpeg|webp)$/.exec(String(first['mimeType']))?.[1]
  return {
    created: Math.floor(Date.now() / 1000),
    data: drawn.map(({ mimeType, data }) =>
      asked['response_format'] === 'url' ? { url: dataUrl(String(mimeType), String(data)) } : { b64_json: data },
    ),
    ...(format !== undefined && { output_format: format }),
    ...(usage && { usage: usageOf(usage) }),
  }
}

function notDrawn(provider: string, reason: string | undefined): ChatError {
  const what = `${provider} answered without an image${saidReason(reason)}.`
  const next = 'Say in other words what is to be drawn, or pick a model that draws.'
  return invalid(`${what} ${next}`, 'prompt', 'no_image')
}

/** ai.google.dev/api/generate-content, `UsageMetadata`. */
function usageOf({ input, output, extra }: Usage): JsonObject {
  const details = objects(extra?.['promptTokensDetails'])
  const ofImages = details.reduce(
    (sum, { modality, tokenCount }) =>
      modality === 'IMAGE' && typeof tokenCount === 'number' ? sum + tokenCount : sum,
    0,
  )
  return {
    input_tokens: input,
    input_tokens_details: { image_tokens: ofImages, text_tokens: Math.max(0, input - ofImages) },
    output_tokens: output,
    total_tokens: input + output,
  }
}
