import { execFileSync } from 'node:child_process'
import { closeSync, constants, openSync, readFileSync } from 'node:fs'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import { configSchema } from '../../../src/core/config/schema.ts'
import { LogFile } from '../../../src/core/log/log-file.ts'
import { createLogger } from '../../../src/core/log/log.ts'
import { reloadableLogger } from '../../../src/core/start/reloadable.ts'
import { makeDirectory } from '../store/support.ts'

const FULL = 16 * 1024 * 1024

/** A file and what writes to it: as many as there would be processes. */
async function start(processes: number, before?: string) {
  const path = join(await makeDirectory(), 'byok.log')
  if (before !== undefined) await writeFile(path, before)
  const faults: string[] = []
  const logs = Array.from({ length: processes }, () => new LogFile(path, (fault) => faults.push(fault)))
  const text = async (name = path) => await readFile(name, 'utf8').catch(() => '')
  return {
    path,
    logs,
    faults,
    text,
    /** Writes a line and waits for it. */
    async write(log: LogFile | undefined, line: string) {
      log?.write(line)
      await expect.poll(async () => (await text()) + (await text(`${path}.1`))).toContain(`${line}\n`)
    },
  }
}

it('is put aside once when it is full, by whichever process comes first', async () => {
  const { path, logs, text, write } = await start(2, `${'x'.repeat(FULL - 11)}\n`)
  const [a, b] = logs
  // As each opens it, it is not full yet; then it is for both.
  await write(a, 'old 1')
  await write(b, 'old 2')
  await write(a, 'new 1')
  await write(b, 'new 2')
  await write(a, 'new 3')
  expect((await text(`${path}.1`)).slice(FULL - 10)).toBe('old 1\nold 2\n')
  expect(await text()).toBe('new 1\nnew 2\nnew 3\n')
})

it.skipIf(process.platform === 'win32')('may be a pipe, and does not wait for who reads it', async () => {
  const { path, logs, faults } = await start(1)
  execFileSync('mkfifo', [path])
  const [log] = logs
  log?.write('nobody reads this')
  await expect.poll(() => faults).toEqual([expect.stringContaining('ENXIO')])
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  onTestFinished(() => closeSync(reader))
  log?.write('somebody reads this')
  await log?.close()
  expect(readFileSync(reader, 'utf8')).toBe(
    'somebody reads this\n{"level":"warn","msg":"log lines were dropped","count":1}\n',
  )
})

it('loses no line where many find it full at once', async () => {
  const { path, logs, text } = await start(8, 'x'.repeat(FULL))
  for (const [index, log] of logs.entries()) log.write(`line ${index}`)
  await Promise.all(logs.map((log) => log.close()))
  expect((await text(`${path}.1`)).length).toBe(FULL)
  expect((await text()).split('\n').sort()).toEqual(['', ...logs.map((_log, index) => `line ${index}`)])
})

it('is opened anew where something else has moved or removed it', async () => {
  const { path, logs, text, write } = await start(1)
  await write(logs[0], 'one')
  await rename(path, `${path}.moved`)
  logs[0]?.write('two')
  await expect.poll(() => text()).toBe('two\n')
  await rm(path)
  logs[0]?.write('three')
  await expect.poll(() => text()).toBe('three\n')
})

it('grows on where it cannot be put aside, and says so once', async () => {
  const { path, logs, text, faults } = await start(1, 'x'.repeat(FULL))
  // Something that no file can take the place of.
  await mkdir(join(`${path}.1`, 'folder'), { recursive: true })
  logs[0]?.write('one')
  await expect.poll(() => text()).toMatch(/one\n$/)
  logs[0]?.write('two')
  await logs[0]?.close()
  expect((await text()).slice(FULL)).toBe('one\ntwo\n')
  expect(faults).toHaveLength(1)
})

it('has every line when it is closed, those that waited behind others too', async () => {
  const { logs, text } = await start(1)
  for (let line = 0; line < 100; line++) logs[0]?.write(String(line))
  await logs[0]?.close()
  expect((await text()).split('\n')).toHaveLength(101)
})

it('has every line of before and after a reload', async () => {
  const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  onTestFinished(() => stderr.mockRestore())
  const file = join(await makeDirectory(), 'byok.log')
  const { log } = configSchema.parse({ log: { level: 'info', format: 'json', file } })
  const logger = reloadableLogger(await createLogger(log, {}))
  for (let line = 0; line < 10; line++) logger.info(`before ${line}`)
  logger.configure(await createLogger(log, {}))
  for (let line = 0; line < 10; line++) logger.info(`after ${line}`)
  await logger.close()
  expect((await readFile(file, 'utf8')).match(/"(before|after) \d"/g)).toHaveLength(20)
})

it('tells how many lines a disk that failed has cost', async () => {
  const { path, logs, text, faults } = await start(1)
  await mkdir(path)
  logs[0]?.write('lost')
  await expect.poll(() => faults).toHaveLength(1)
  await rm(path, { recursive: true })
  logs[0]?.write('kept')
  await logs[0]?.close()
  expect(await text()).toMatch(/^kept\n\{.*"log lines were dropped","count":1\}\n$/)
})
