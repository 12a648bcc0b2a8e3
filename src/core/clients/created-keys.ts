import { mkdir, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { z } from 'zod'
import { codeOf, reasonOf } from '../log/fault.ts'
import { replaceFile } from '../replace-file.ts'
import { StoreError } from '../store/errors.ts'
import { underLock } from '../async/under-lock.ts'

/*
 * The keys that `byok key create` made: a JSON file of mode 0600 beside the logins. It holds hashes only, so that who reads it
 * cannot use them.
 */

const time = z.number().int().nonnegative()

const createdKeySchema = z.strictObject({
  label: z.string().min(1),
  hash: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  created_at: time,
  expires_at: time.optional(),
  revoked_at: time.optional(),
  admin: z.boolean().optional(),
  models: z.array(z.string().min(1)).optional(),
  budget: z
    .strictObject({
      tokens_per_day: z.number().int().min(0).optional(),
      requests_per_day: z.number().int().min(0).optional(),
    })
    .optional(),
})

const fileSchema = z.strictObject({ version: z.literal(1), keys: z.array(createdKeySchema) })

/** A key that was made by byok. Times are Unix milliseconds. */
export type CreatedKey = z.output<typeof createdKeySchema>

/** Reads the file's text. @throws {StoreError} `corrupt` */
export function parseKeyFile(text: string, path: string): CreatedKey[] {
  try {
    return fileSchema.parse(JSON.parse(text)).keys
  } catch (cause) {
    throw new StoreError(
      'corrupt',
      `${path} is no usable list of client keys. It was left as it is. Restore a backup of it, or move it away and create the keys again.`,
      { path, cause },
    )
  }
}

/** All keys that were ever made, revoked ones included; none where there is no file. @throws {StoreError} */
export async function readCreatedKeys(path: string): Promise<CreatedKey[]> {
  try {
    return parseKeyFile(await readFile(path, 'utf8'), path)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return []
    throw unusable(error, path)
  }
}

/**
 * Changes the list, one process at a time. The file is replaced whole, so a crash leaves the old list or the new one.
 *
 * @param change what is written; what it throws leaves the file as it is
 * @throws {StoreError}
 */
export async function changeCreatedKeys(path: string, change: (keys: CreatedKey[]) => CreatedKey[]): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    await underLock(`${path}.lock`, async () => {
      const keys = change(await readCreatedKeys(path))
      await replaceFile(path, `${JSON.stringify({ version: 1, keys }, undefined, 2)}\n`)
    })
  } catch (error) {
    throw unusable(error, path)
  }
}

function unusable(error: unknown, path: string): unknown {
  if (error instanceof StoreError || codeOf(error) === undefined) return error
  return new StoreError(
    'unavailable',
    `${path} cannot be used: ${reasonOf(error)}. Check that it can be read and written, and that there is room for it.`,
    { path, cause: error },
  )
}
