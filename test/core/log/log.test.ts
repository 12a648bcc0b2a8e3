import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { createLogger } from '../../../src/core/log/log.ts'
import type { LogFields } from '../../../src/core/log/log.ts'
import { configSchema } from '../../../src/core/config/schema.ts'
import { Secret } from '../../../src/core/secrets/secret.ts'
import { makeDirectory } from '../store/support.ts'

/** The line that a logger writes. */
async function lineOf(message: string, fields?: LogFields): Promise<string> {
  const file = join(await makeDirectory(), 'byok.log')
  const { log } = configSchema.parse({ log: { format: 'json', file } })
  const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  try {
    const logger = await createLogger(log, {})
    logger.info(message, fields)
    await expect.poll(() => readFile(file, 'utf8').catch(() => '')).toMatch(/\n$/)
    await logger.close()
    return await readFile(file, 'utf8')
  } finally {
    stderr.mockRestore()
  }
}

it('writes a line of JSON: time, level and message, then the fields that are there', async () => {
  const line = await lineOf('request', { id: 'req_1', status: 200, stream: false, error: undefined })
  expect(line).toMatch(
    /^\{"time":"[^"]+Z","level":"info","msg":"request","id":"req_1","status":200,"stream":false\}\n$/,
  )
  expect(JSON.parse(await lineOf('no fields'))).toMatchObject({ level: 'info', msg: 'no fields' })
})

it.each([
  ['in a field', 'hello', { fault: 'got sk-abcdefghijklmnopqrst back' }],
  ['in the message', 'got sk-abcdefghijklmnopqrst back', {}],
  ['in quotes that JSON escapes', 'hello', { fault: '{"api_key": "sk-abcdefghijklmnopqrst"}' }],
  ['of a shape with quotes of its own', 'hello', { fault: '{"password": "abcdefghijklmnopqrst"}' }],
  ['beside a line end', 'hello\nBearer abcdefghijklmnopqrst', {}],
])('leaves out what looks like a secret %s', async (_, message, fields) => {
  const line = await lineOf(message, fields)
  expect(line).not.toContain('abcdefghijklmnopqrst')
  expect(line).toContain('[secret]')
  expect(JSON.parse(line)).toMatchObject({ level: 'info' })
})

it("leaves out this process's own secrets, those with quotes too", async () => {
  const secret = new Secret('quite "odd" words')
  expect(await lineOf('hello', { fault: `it said ${secret.reveal()}` })).toContain('it said [secret]')
})
