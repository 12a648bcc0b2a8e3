import { PassThrough } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { Byok } from '../../src/index.ts'
import { chatLoop } from '../../src/cli/chat-loop.ts'
import { ChatSession } from '../../src/cli/chat-session.ts'
import { startFakeServer } from '../../src/testing/fake-server.ts'
import type { FakeProvider } from '../../src/testing/fake-server.ts'
import { startOpenAIChat } from '../upstreams/openai-chat.ts'
import { cli } from './login-support.ts'
import { commandLine } from '../helpers/command-line.ts'
import { createIsolatedByok } from '../helpers/isolated-byok.ts'

let upstream: FakeProvider
beforeAll(async () => {
  upstream = await startOpenAIChat()
})
afterAll(() => upstream.close())

const config = () => ({ providers: { codex: { api_key: 'sk-test', base_url: upstream.url } } })

describe('byok chat', () => {
  it('answers what is piped in, after the question', async () => {
    upstream.say({ steps: [{ text: ['It is ', 'short.'] }] })
    const run = await cli(['chat', 'gpt-4o', 'Sum this up:'], {
      config: config(),
      stdin: true,
      args: ['--system', 'Be brief'],
    })
    run.write('a long text\n')
    run.end()
    expect(await run.exited).toBe(0)
    expect(run.stdout()).toBe('It is short.\n')
    expect(upstream.requests.at(-1)?.json).toMatchObject({
      messages: [
        { role: 'system', content: 'Be brief' },
        { role: 'user', content: 'Sum this up:\n\na long text' },
      ],
    })
  })

  it('gives the whole answer as JSON', async () => {
    upstream.say({ steps: [{ text: 'Hi' }] })
    const run = await cli(['chat', 'gpt-4o', 'Hello', '--json'], { config: config() })
    expect(await run.exited).toBe(0)
    expect(JSON.parse(run.stdout())).toMatchObject({
      object: 'chat.completion',
      choices: [{ message: { content: 'Hi' } }],
    })
  })

  it('shows a terminal what it would obey of an answer, and of an error', async () => {
    const { isTTY } = process.stdout
    process.stdout.isTTY = true
    onTestFinished(() => void (process.stdout.isTTY = isTTY))
    // As who writes a page that the model reads may have it say: to the clipboard, over the line, from the window's title.
    upstream.say({ steps: [{ text: ['\x1b]52;c;cm0gLXJm\x07', 'one\r\ntwo\tthree\r', '\x9b2J'] }] })
    const answered = await commandLine(['chat', 'gpt-4o', 'Hello'], { config: config() })
    expect(answered.stdout).toBe('\\u001b]52;c;cm0gLXJm\\u0007one\ntwo\tthree\\u009b2J\n')
    const refusing = await startFakeServer((_, reply) => reply.json(400, { error: { message: 'no\x1b[2J' } }))
    onTestFinished(() => refusing.close())
    const refused = await commandLine(['chat', 'gpt-4o', 'Hello'], {
      config: { providers: { codex: { api_key: 'sk-test', base_url: refusing.url } } },
    })
    expect(refused.stderr).toContain('no\\u001b[2J')
    expect(refused.stderr).not.toContain('\x1b')
  })

  it('gives a program every character of an answer', async () => {
    upstream.say({ steps: [{ text: '\x1b[1mone\r\n' }] })
    const run = await commandLine(['chat', 'gpt-4o', 'Hello'], { config: config() })
    expect(run.stdout).toBe('\x1b[1mone\r\n\n')
  })

  it("fails with the provider's word", async () => {
    const run = await cli(['chat', 'codex/none', 'Hello'], {
      config: { providers: { codex: { base_url: upstream.url } } },
    })
    expect(await run.exited).toBe(1)
    expect(run.stderr()).toMatch(/byok: There is no credential for OpenAI.*byok login codex/)
  })

  it('of a model there is not names the command that lists them', async () => {
    const run = await cli(['chat', 'nosuch', 'Hello'], { config: config() })
    expect(await run.exited).toBe(1)
    expect(run.stderr()).toContain('no provider offers it. `byok models` lists what there is.')
  })

  it('wants a question where nobody types', async () => {
    const run = await cli(['chat', 'gpt-4o'], { config: config() })
    expect(await run.exited).toBe(2)
    expect(run.stderr()).toContain('nothing was asked')
  })
})

describe('a conversation', () => {
  let byok: Byok
  beforeAll(async () => {
    byok = await createIsolatedByok({
      server: { keys: ['own-key'] },
      ...config(),
    })
  })
  afterAll(() => byok.close())

  function start() {
    const input = new PassThrough()
    let output = ''
    let check = () => {}
    let interrupt = () => {}
    const done = chatLoop({
      session: new ChatSession(byok, { model: 'gpt-4o' }),
      input,
      write(text) {
        output += text
        check()
      },
      onInterrupt(handler) {
        interrupt = handler
        return () => {}
      },
    })
    const until = (end: string) =>
      new Promise<void>((resolve) => {
        check = () => {
          if (output.endsWith(end)) resolve()
        }
        check()
      })
    return { input, done, until, output: () => output, interrupt: () => interrupt() }
  }

  it('goes on from what was said, until /exit', async () => {
    const { input, done, until, output } = start()
    upstream.say({ steps: [{ text: ['Hel', 'lo'] }] })
    input.write('Hi\n')
    await until('Hello\n> ')
    upstream.say({ steps: [{ text: 'Again' }] })
    input.write('More\n')
    await until('Again\n> ')
    expect(upstream.requests.at(-1)?.json).toMatchObject({
      messages: [
        { role: 'user', content: 'Hi' },
        { role: 'assistant', content: 'Hello' },
        { role: 'user', content: 'More' },
      ],
    })
    input.write('/nonsense\n/clear\n')
    await until('leaves.\n> > ')
    upstream.say({ steps: [{ text: 'New' }] })
    input.write('Start\n')
    await until('New\n> ')
    expect(upstream.requests.at(-1)?.json).toMatchObject({ messages: [{ role: 'user', content: 'Start' }] })
    input.write('/exit\n')
    await done
    expect(output()).toContain('There is no command /nonsense.')
  })

  it('stops an answer at Ctrl-C, forgets it, and leaves at the next', async () => {
    const { input, done, until, interrupt } = start()
    upstream.say({ steps: [{ text: 'Endless' }, { wait: new Promise(() => {}) }] })
    input.write('Hi\n')
    await until('Endless')
    interrupt()
    await until('(stopped)\n> ')
    expect(await upstream.requests.at(-1)?.aborted).toBe(true)
    upstream.say({ steps: [{ text: 'Ok' }] })
    input.write('Once more\n')
    await until('Ok\n> ')
    expect(upstream.requests.at(-1)?.json).toMatchObject({ messages: [{ role: 'user', content: 'Once more' }] })
    interrupt()
    await done
  })

  it('says what went wrong, and goes on', async () => {
    const { input, done, until } = start()
    upstream.fail({ kind: 'invalid_request', message: 'That is too much' })
    input.write('Hi\n')
    await until('That is too much\n> ')
    input.end()
    await done
  })
})
