import { execFile } from 'node:child_process'
import { setImmediate } from 'node:timers/promises'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { flushErrorLines, writeErrorLine } from '../../../src/core/log/error-lines.ts'

let written: string[] = []

beforeEach(() => {
  written = []
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => written.push(String(text)) > 0)
})
afterEach(() => vi.restoreAllMocks())

it('writes the lines of one turn of the event loop together', async () => {
  writeErrorLine('one', false)
  writeErrorLine('two', false)
  expect(written).toEqual([])
  await setImmediate()
  writeErrorLine('three', false)
  await setImmediate()
  expect(written).toEqual(['one\ntwo\n', 'three\n'])
})

it('writes what must not be lost at once, after what waits', async () => {
  writeErrorLine('one', false)
  writeErrorLine('an error', true)
  expect(written).toEqual(['one\nan error\n'])
  await setImmediate()
  expect(written).toHaveLength(1)
})

it('writes what waits when it is asked to, and nothing where nothing does', async () => {
  writeErrorLine('one', false)
  flushErrorLines()
  flushErrorLines()
  await setImmediate()
  expect(written).toEqual(['one\n'])
})

it('writes many at once, should the turn never end', () => {
  const line = 'x'.repeat(10_000)
  for (let n = 0; n < 7; n++) writeErrorLine(line, false)
  expect(written).toEqual([`${line}\n`.repeat(7)])
})

it('writes each by itself once the process ends', async () => {
  const script = `import { writeErrorLine } from ${JSON.stringify(new URL('../../../src/core/log/error-lines.ts', import.meta.url).href)}
    writeErrorLine('one', false)
    process.on('exit', () => writeErrorLine('three', false))
    process.on('exit', () => process.stderr.write('end\\n'))
    writeErrorLine('two', false)
    process.exit()`
  const { stderr } = await promisify(execFile)(process.execPath, [
    '--import',
    'tsx',
    '--input-type=module',
    '-e',
    script,
  ])
  expect(stderr).toBe('one\ntwo\nthree\nend\n')
})
