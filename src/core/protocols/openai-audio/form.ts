import { invalidRequest } from '../../chat/index.ts'
import type { JsonObject } from '../json.ts'
import { invalid } from '../openai-chat/fields.ts'

/**
 * A form for `POST /v1/audio/transcriptions` or `/v1/audio/translations` as an object: its recording is a `File`, a field that comes more
 * than once (`include[]`, `timestamp_granularities[]`) a list under the name it came by.
 *
 * @throws {ChatError} 400
 */
export function formOfAudio(form: FormData): JsonObject {
  const fields = new Map<string, unknown>()
  for (const name of form.keys()) {
    const values = form.getAll(name)
    const [value] = values
    const isFile = typeof value === 'object'
    if (isFile !== (name === 'file')) {
      const short = name.slice(0, 100)
      throw isFile
        ? invalidRequest(`\`${short}\` must not be a file.`, short)
        : invalid('`file` must be a file.', 'file', 'invalid_type')
    }
    fields.set(name, values.length > 1 ? values : name === 'stream' && value === 'true' ? true : value)
  }
  return Object.fromEntries(fields)
}

/** What {@link formOfAudio} read, as a form again. */
export function audioAsForm(body: JsonObject): FormData {
  const form = new FormData()
  for (const [name, value] of Object.entries(body)) {
    for (const one of Array.isArray(value) ? (value as unknown[]) : [value]) {
      // undici writes no empty name, without which it were no file (lib/web/fetch/body.js, `extractBody`).
      if (one instanceof File) form.append(name, one, one.name || 'recording')
      else if (one !== null && one !== undefined) form.append(name, typeof one === 'string' ? one : JSON.stringify(one))
    }
  }
  return form
}
