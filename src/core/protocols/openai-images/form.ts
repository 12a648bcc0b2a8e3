import { imageTypeOf, invalidRequest } from '../../chat/index.ts'
import { isObject, text } from '../json.ts'
import type { JsonObject } from '../json.ts'
import { dataUrl, parseDataUrl } from '../openai-chat/data-url.ts'
import { invalid } from '../openai-chat/fields.ts'

/** Why an image that is named and not sent is refused, where it cannot be passed on by its name. */
const IN_PERSON = 'Send the image itself, as a file or a data URL.'

/** Fields that are no text in JSON (openai-node src/resources/images.ts, `ImageEditParamsBase`). */
const NUMBERS = ['n', 'output_compression', 'partial_images', 'frame_count', 'frame_duration_ms']

/** Fields that are files. `markup` is drawn over an image to say what to change of it. */
const FILES = ['image', 'mask', 'markup']

/** A field within an object, such as `svg[reasoning][effort]` (`ImageEditParams.Svg` there). */
const WITHIN = /^(\w+)((?:\[[a-z_]+\]){1,4})$/

/**
 * A form for `POST /v1/images/edits` as the JSON that both OpenAI's API and ChatGPT's backend take of Codex: files become data URLs under
 * `images`, `mask` and `markup` (openai/codex codex-rs/codex-api/src/images.rs, `ImageEditRequest`; CLIProxyAPI
 * internal/runtime/executor/codex_openai_images.go, for `mask`). Several images are fields of one name, with or without `[]` behind it, and
 * objects are fields of their fields (openai-node src/internal/uploads.ts, `addFormValue`).
 *
 * @throws {ChatError} 400
 */
export async function formOfImages(form: FormData): Promise<JsonObject> {
  const fields: [name: string, value: unknown][] = []
  const images: JsonObject[] = []
  let objects: JsonObject = {}
  for (const [field, value] of form) {
    const name = field.replace(/\[\d*\]$/, '')
    const isFile = typeof value !== 'string'
    const [, object, path = ''] = WITHIN.exec(name) ?? []
    if (!isFile && object !== undefined) objects = withIn(objects, [object, ...path.slice(1, -1).split('][')], value)
    else if (!isFile && !FILES.includes(name)) fields.push([name, fieldOf(name, value)])
    else if (!isFile) throw invalid(`\`${name}\` must be a file.`, name, 'invalid_type')
    else if (name === 'image') images.push(await urlOf(value))
    else if (FILES.includes(name)) fields.push([name, await urlOf(value)])
    else throw invalidRequest(`\`${name.slice(0, 100)}\` must not be a file.`, name.slice(0, 100))
  }
  return { ...objects, ...Object.fromEntries(fields), ...(images.length > 0 && { images }) }
}

function withIn(object: JsonObject, [name = '', ...rest]: string[], value: string): JsonObject {
  const inner = object[name]
  return { ...object, [name]: rest.length === 0 ? value : withIn(isObject(inner) ? inner : {}, rest, value) }
}

async function urlOf(file: File): Promise<JsonObject> {
  const data = Buffer.from(await file.arrayBuffer()).toString('base64')
  return { image_url: dataUrl(typeOf(file.type, data), data) }
}

/** As the client says, else as the bytes do: openai-node sends a file that it was told no type of as `application/octet-stream`. */
function typeOf(said: string, data: string): string {
  const named = /^\s*(image\/[\w.+-]+)\s*(?:;|$)/.exec(said)?.[1]
  return named ?? imageTypeOf({ mediaType: 'application/octet-stream', data })
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
export function imagesAsForm({ images, mask, markup, ...fields }: JsonObject): FormData {
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) appendTo(form, name, value)
  const all = imagesIn(images)
  // As openai-node names one file and several.
  for (const image of all) form.append(all.length === 1 ? 'image' : 'image[]', fileOf(image))
  for (const [name, image] of Object.entries({ mask, markup })) {
    if (image !== null && image !== undefined) form.append(name, fileOf(imageIn(image, name)))
  }
  return form
}

function appendTo(form: FormData, name: string, value: unknown): void {
  if (isObject(value)) for (const [field, inner] of Object.entries(value)) appendTo(form, `${name}[${field}]`, inner)
  else if (value !== null && value !== undefined)
    form.append(name, typeof value === 'string' ? value : JSON.stringify(value))
}

interface Image {
  mediaType: string
  data: string
}

/**
 * A request's `images`.
 * @throws {ChatError} 400 where one is not sent itself
 */
export function imagesIn(images: unknown): Image[] {
  if (images === null || images === undefined) return []
  const all: unknown[] = Array.isArray(images) ? images : [images]
  return all.map((image, at) => imageIn(image, `images[${at}]`))
}

function imageIn(given: unknown, path: string): Image {
  const image = parseDataUrl((isObject(given) ? text(given['image_url']) : undefined) ?? '')
  if (!image) throw invalid(IN_PERSON, `${path}.image_url`, 'invalid_value')
  return image
}

function fileOf({ mediaType, data }: Image): File {
  return new File([Buffer.from(data, 'base64')], `image.${mediaType.replace(/^.*\//, '')}`, { type: mediaType })
}
