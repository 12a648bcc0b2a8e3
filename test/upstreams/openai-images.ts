import type { Answer, RecordedRequest, Reply } from '../../src/testing/fake-server.ts'
import { badRequest, failureOf, sendError, vendorHeaders } from './openai-chat-failures.ts'
import type { VendorError } from './openai-chat-failures.ts'

/** What is read from the wire. */
// oxlint-disable-next-line typescript/no-explicit-any
type Json = Record<string, any>

/** One pixel. */
export const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII='

/** openai-node src/resources/images.ts, `ImageGenerateParamsBase`, as far as GPT image models take it. */
const FIELDS = [
  'prompt',
  'background',
  'complexity',
  'frame_count',
  'frame_duration_ms',
  'model',
  'moderation',
  'n',
  'output_compression',
  'output_format',
  'partial_images',
  'quality',
  'safety_identifier',
  'size',
  'stream',
  'svg',
  'user',
]
const INTEGERS = ['n', 'frame_count', 'frame_duration_ms', 'output_compression', 'partial_images']
/** `ImageEditParamsBase` there; in JSON, openai/codex codex-rs/codex-api/src/images.rs, `ImageEditRequest`. */
const EDIT_FIELDS = [...FIELDS, 'images', 'mask', 'markup', 'input_fidelity']

/**
 * `POST /images/generations` and `/images/edits` under this base, for GPT image models. OpenAI takes edits as a form too, ChatGPT's backend
 * has been seen to be asked by JSON alone. Tells whether the request was for them.
 */
export async function answerImages(
  request: RecordedRequest,
  reply: Reply,
  next: () => Answer,
  base: string,
): Promise<boolean> {
  const edits = request.path === `${base}/images/edits`
  if (request.method !== 'POST' || !(edits || request.path === `${base}/images/generations`)) return false
  const body =
    edits && base === '/v1' ? ((await fieldsOfForm(request)) ?? (request.json as Json)) : (request.json as Json)
  const fault = faultIn(body, edits)
  const answer = fault ? undefined : next()
  if (fault) sendError(reply, fault)
  else if (answer && 'failure' in answer) sendError(reply, failureOf(answer.failure, body?.['model']))
  else if (body?.['stream'] === true) await stream(body, reply, edits, breaksOff(answer))
  else
    reply.json(
      200,
      { created: 1_778_832_973, data: imagesFor(body ?? {}), ...formatOf(body ?? {}), usage: USAGE },
      vendorHeaders(),
    )
  return true
}

/** As in the tests of openai/codex codex-rs/codex-api/src/endpoint/images.rs. */
const USAGE = {
  input_tokens: 17,
  input_tokens_details: { image_tokens: 0, text_tokens: 17 },
  output_tokens: 1372,
  output_tokens_details: { image_tokens: 1372, text_tokens: 0 },
  total_tokens: 1389,
}

/** The fields of a form as JSON has them. What is no text in files is lost on the way here. */
export async function fieldsOfForm({ headers, text }: RecordedRequest): Promise<Json | undefined> {
  const type = headers['content-type'] ?? ''
  if (!type.startsWith('multipart/form-data')) return undefined
  const images: Json[] = []
  const fields: Json = {}
  for (const [name, value] of await new Response(text, { headers: { 'content-type': type } }).formData()) {
    const [, inner] = /^svg\[(\w+)\]$/.exec(name) ?? []
    if (inner !== undefined) fields['svg'] = { ...(fields['svg'] as Json | undefined), [inner]: value }
    else if (typeof value === 'string') fields[name] = INTEGERS.includes(name) ? Number(value) : value
    else {
      const bytes = Buffer.from(await value.arrayBuffer()).toString('base64')
      const image = { image_url: `data:${value.type};base64,${bytes}` }
      if (name === 'mask' || name === 'markup') fields[name] = image
      else if (name === 'image' || name === 'image[]') images.push(image)
    }
  }
  return { ...fields, images }
}

function faultIn(body: Json | undefined, edits: boolean): VendorError | undefined {
  if (!body) return badRequest('We could not parse the JSON body of your request.')
  const unknown = Object.keys(body).find((name) => !(edits ? EDIT_FIELDS : FIELDS).includes(name))
  if (unknown !== undefined) return badRequest(`Unknown parameter: '${unknown}'.`, unknown, 'unknown_parameter')
  if (!/^(?:gpt|chatgpt)-image-/.test(String(body['model'])))
    return badRequest(`The model '${body['model']}' does not exist.`, 'model', 'invalid_value')
  if (typeof body['prompt'] !== 'string' || body['prompt'] === '')
    return badRequest("Missing required parameter: 'prompt'.", 'prompt', 'missing_required_parameter')
  const odd = INTEGERS.find((name) => body[name] !== undefined && !Number.isInteger(body[name]))
  if (odd !== undefined) return badRequest(`Invalid type for '${odd}': expected an integer.`, odd, 'invalid_type')
  if (body['svg'] !== undefined && typeof body['svg'] !== 'object')
    return badRequest("Invalid type for 'svg': expected an object.", 'svg', 'invalid_type')
  if (body['stream'] !== undefined && typeof body['stream'] !== 'boolean')
    return badRequest("Invalid type for 'stream': expected a boolean.", 'stream', 'invalid_type')
  if (!edits) return undefined
  const { images, mask, markup } = body
  const beside = [mask, markup].filter((one) => one !== undefined)
  const all: Json[] = [...(Array.isArray(images) ? images : []), ...beside]
  const good = all.every((one) => /^data:image\/(?:png|jpeg|webp);base64,[\w+/]+=*$/.test(one['image_url']))
  return good && Array.isArray(images) && images.length > 0
    ? undefined
    : badRequest("Invalid value for 'images'.", 'images', 'invalid_value')
}

function imagesFor({ n = 1 }: Json): Json[] {
  return Array.from({ length: n }, () => ({ b64_json: PNG }))
}

function formatOf({ output_format: format = 'png', size = '1024x1024', quality = 'medium' }: Json): Json {
  return { background: 'opaque', output_format: format, quality, size }
}

function breaksOff(answer: Answer | undefined): boolean {
  return answer !== undefined && 'script' in answer && answer.script.steps.some((step) => 'end' in step)
}

/** `ImageGenPartialImageEvent` and `ImageGenCompletedEvent`, in the order of fields that OpenAI's reference shows. */
async function stream(body: Json, reply: Reply, edits: boolean, cut: boolean): Promise<void> {
  const kind = edits ? 'image_edit' : 'image_generation'
  reply.begin(200, { 'content-type': 'text/event-stream; charset=utf-8', ...vendorHeaders() })
  const send = (type: string, more: Json) =>
    reply.write(
      `event: ${type}\ndata: ${JSON.stringify({ type, b64_json: PNG.repeat(100), created_at: 1_778_832_973, ...formatOf(body), ...more })}\n\n`,
    )
  for (let at = 0; at < (body['partial_images'] ?? 0); at++)
    await send(`${kind}.partial_image`, { partial_image_index: at })
  if (!cut) await send(`${kind}.completed`, { usage: USAGE })
  reply.end()
}
