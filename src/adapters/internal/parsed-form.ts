import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { isObject } from '../../core/json/json.ts'

/**
 * A form that a parser of the host took apart, as one again.
 *
 * @param files what the parser took out of it: by their fields, or one after the other
 * @throws {Error} where a file was put somewhere that byok cannot read, such as a bucket
 */
export async function formOf(fields: unknown, files: unknown): Promise<FormData> {
  const form = new FormData()
  for (const [name, value] of Object.entries(fields ?? {})) appendField(form, name, value)
  for (const [field, some] of Object.entries(files ?? {})) {
    for (const file of [some].flat() as unknown[]) if (isObject(file)) await appendFile(form, field, file)
  }
  return form
}

/** multer makes lists of `name[]`, and objects of `name[key]` (LinusU/fs-append-field lib/parse-path.js). */
function appendField(form: FormData, name: string, value: unknown): void {
  if (typeof value === 'string') form.append(name, value)
  else if (Array.isArray(value)) {
    for (const each of value as unknown[]) appendField(form, name.endsWith('[]') ? name : `${name}[]`, each)
  } else if (isObject(value)) {
    for (const [key, each] of Object.entries(value)) appendField(form, `${name}[${key}]`, each)
  }
}

/** @param field where it stood among the files, which is its field unless the file names that itself */
async function appendFile(form: FormData, field: string, file: Record<string, unknown>): Promise<void> {
  const path = textIn(file, PATHS)
  const held = file['buffer'] ?? file['data']
  // express-fileupload leaves its `data` empty where it has put a file elsewhere.
  const bytes = path === undefined && held instanceof Uint8Array ? new Uint8Array(held) : path && (await readFile(path))
  const name = textIn(file, NAMES)
  if (!bytes) {
    throw new Error(
      `A parser of this server took the file ${JSON.stringify(name ?? field)} out of a form, and left it neither in memory nor on disk: put byok before it.`,
    )
  }
  const type = textIn(file, ['mimetype']) ?? ''
  form.append(textIn(file, ['fieldname']) ?? field, new File([bytes], name ?? basename(path ?? ''), { type }))
}

/**
 * As multer's disk storage, express-fileupload and formidable (koa-body) call it (expressjs/multer storage/disk.js;
 * richardgirges/express-fileupload lib/fileFactory.js; node-formidable/formidable src/PersistentFile.js).
 */
const PATHS = ['path', 'tempFilePath', 'filepath']

/** The file's own name, as the same call it. */
const NAMES = ['originalname', 'originalFilename', 'name']

function textIn(file: Record<string, unknown>, names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = file[name]
    if (typeof value === 'string' && value !== '') return value
  }
  return undefined
}
