import { appendFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { makeHome, commandLine } from '../helpers/command-line.ts'
import { runCli } from '../helpers/serve.ts'

const line = (msg: string, fields: object = {}) =>
  `${JSON.stringify({ time: '2026-01-02T03:04:05.000Z', level: 'info', msg, ...fields })}\n`

async function start(text?: string) {
  const home = await makeHome()
  const file = join(home, 'byok.log')
  if (text !== undefined) await writeFile(file, text)
  return { home, file, config: { log: { file } } }
}

it('shows the last lines, for people or as they are', async () => {
  const { home, config } = await start(`${line('one')}${line('two', { status: 200, provider: 'claude' })}no JSON\n`)
  const people = await commandLine(['logs', '-n', '2'], { home, config })
  expect(people.stdout).toBe('2026-01-02T03:04:05.000Z INFO  two status=200 provider=claude\nno JSON\n')
  const plain = await commandLine(['logs', '--json', '-n', '9'], { home, config })
  expect(plain.stdout).toBe(`${line('one')}${line('two', { status: 200, provider: 'claude' })}no JSON\n`)
})

it('shows what a client made up as words, not as what a terminal obeys, and on one line', async () => {
  const model = 'acme/\u001b[2J\u001b]0;pwned\u0007\u009bx\n2026 INFO  request'
  const { home, config } = await start(`${line('re\nquest', { model, path: '/a b', flag: true })}no \u001b JSON\n`)
  const { stdout } = await commandLine(['logs'], { home, config })
  expect(stdout).toBe(
    `2026-01-02T03:04:05.000Z INFO  re\\nquest model="acme/\\u001b[2J\\u001b]0;pwned\\u0007\\u009bx\\n2026 INFO  request" path="/a b" flag=true\nno \\u001b JSON\n`,
  )
})

it('says what is missing: a file in the config, or a number', async () => {
  const none = await commandLine(['logs'], { config: {} })
  expect([none.code, none.stderr]).toEqual([2, expect.stringContaining('set `log.file`')])
  const { home, config } = await start('')
  const wrong = await commandLine(['logs', '-n', 'x'], { home, config })
  expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('--lines takes a number')])
  const folder = await commandLine(['logs'], { home, config: { log: { file: home } } })
  expect([folder.code, folder.stderr]).toEqual([1, expect.stringContaining(`${home} is no file. Name another`)])
})

it('with -f goes on, from a file that is yet to come, over one that is put aside, until Ctrl-C', async () => {
  const { home, file, config } = await start()
  const run = await runCli(['logs', '-f'], { home, config })
  onTestFinished(() => run.dispose())
  await writeFile(file, line('one'))
  await run.until(/INFO {2}one\n/)
  // A line that is half there waits for its end, a character that is cut too.
  const bytes = Buffer.from(line('grün'))
  const half = bytes.indexOf('ü') + 1
  await appendFile(file, bytes.subarray(0, half))
  await appendFile(file, Buffer.concat([bytes.subarray(half), Buffer.from(line('after'))]))
  await run.until(/INFO {2}grün\n.*INFO {2}after\n/)
  await appendFile(file, line('last of the old'))
  await rename(file, `${file}.1`)
  await writeFile(file, line('first of the new'))
  await run.until(/INFO {2}last of the old\n.*INFO {2}first of the new\n/)
  run.kill('SIGINT')
  expect(await run.exited).toBe(130)
  expect(run.stdout().match(/INFO/g)).toHaveLength(5)
})
