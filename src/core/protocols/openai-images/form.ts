import { invalidRequest } from '../../chat/index.ts'
import { isObject, objects, text } from '../json.ts'
import type { JsonObject } from '../json.ts'
import { dataUrl, parseDataUrl } from '../openai-chat/data-url.ts'
import { invalid } from '../openai-chat/fields.ts'

/** Why an image that is named and not sent is refused, where it cannot be passed on by its name. */
export const IN_PERSON = 'Send the image itself, as a file or a data URL.'

/** Fields that are no text in JSON (openai-node src/resources/images.ts, `ImageEditParamsBase`). */
const NUMBERS = ['n', 'output_compression', 'partial_images']

/**
 * A form for `POST /v1/images/edits` as the JSON that both OpenAI's API and ChatGPT's backend take of Codex: files become data URLs under
 * `images` and `mask` (openai/codex codex-rs/codex-api/src/images.rs, `ImageEditRequest`; CLIProxyAPI
 * internal/runtime/executor/codex_openai_images.go, for `mask`). One field several times is a list, with or without `[]` behind its name
 * (openai-node src/internal/uploads.ts, `addFormValue`).
 *
 * @throws {ChatError} 400
 */
export async function formOfImages(form: FormData): Promise<JsonObject> {
  const body: JsonObject = {}
  const images: JsonObject[] = []
  for (const [field, value] of form) {
    const name = field.replace(/\[\d*\]$/, '')
    if (typeof value === 'string') body[name] = fieldOf(name, value)
    else if (name === 'image') images.push(await urlOf(value))
    else if (name === 'mask') body[name] = await urlOf(value)
    else throw invalidRequest(`\`${name.slice(0, 100)}\` must not be a file.`, name.slice(0, 100))
  }
  return images.length > 0 ? { ...body, images } : body
}

async function urlOf(file: File): Promise<JsonObject> {
  const type = file.type === '' ? 'image/png' : file.type
  return { image_url: dataUrl(type, Buffer.from(await file.arrayBuffer()).toString('base64')) }
}

function fieldOf(name: string, value: string): unknown {
  if (NUMBERS.includes(name) && value.trim() !== '' && Number.isFinite(Number(value))) return Number(value)
  if (name === 'stream' && (value === 'true' || value === 'false')) return value === 'true'
  return value
}

/**
 * What {@link formOfImages} read, as the form that servers which follow OpenAI take.
 *
 * @throws {ChatError} 400 where an image is not sent itself, which a form has no place for
 */
export function imagesAsForm({ images, mask, ...fields }: JsonObject): FormData {
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) {
    if (value !== null && value !== undefined)
      form.append(name, typeof value === 'string' ? value : JSON.stringify(value))
  }
  const all = objects(images)
  // As openai-node names one file and several.
  all.forEach((image, at) => form.append(all.length === 1 ? 'image' : 'image[]', fileOf(image, `images[${at}]`)))
  if (isObject(mask)) form.append('mask', fileOf(mask, 'mask'))
  return form
}

function fileOf({ image_url: url }: JsonObject, path: string): File {
  const image = parseDataUrl(text(url) ?? '')
  if (!image) throw invalid(IN_PERSON, `${path}.image_url`, 'invalid_value')
  const { mediaType, data } = image
  return new File([Buffer.from(data, 'base64')], `image.${mediaType.replace(/^.*\//, '')}`, { type: mediaType })
}
