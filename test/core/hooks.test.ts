import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { ChatError, createByok, createMemoryTokenStore, HookError, Secret } from '../../src/index.ts'
import type { Byok, ByokHooks, Logger, Plugin, RequestInfo, TokenStore } from '../../src/index.ts'
import { mock } from '../../examples/plugins/mock.ts'

type JsonObject = Record<string, unknown>

interface Line {
  message: string
  fields: Record<string, unknown>
}

afterEach(() => void vi.useRealTimers())

async function start(plugins: Plugin[], hooks: Partial<ByokHooks> = {}, store: TokenStore = createMemoryTokenStore()) {
  const lines: Line[] = []
  const log = (message: string, fields = {}) => void lines.push({ message, fields })
  const logger: Logger = { error: log, warn: log, info() {}, debug() {} }
  const byok = await createByok({ configFiles: false, env: {}, store, logger, plugins: [mock(), ...plugins], hooks })
  onTestFinished(() => byok.close())
  return { byok, lines }
}

const plugin = (name: string, hooks: Partial<ByokHooks>): Plugin => ({ name, hooks })
const ask = (byok: Byok) => byok.chat({ model: 'mock-1', messages: [{ role: 'user', content: 'canary' }] })
const boom = (): never => {
  throw new TypeError('canary: what the client said')
}

describe('hooks', () => {
  it('run in order: options, then plugins; a request meets them in theirs', async () => {
    const seen: string[] = []
    const spy = (who: string): Partial<ByokHooks> => ({
      request: async () => {
        await Promise.resolve()
        seen.push(`${who} request`)
      },
      chat: () => void seen.push(`${who} chat`),
      credential: () => void seen.push(`${who} credential`),
      event: ({ event }) => void (event.type === 'finish' && seen.push(`${who} event`)),
      usage: ({ usage }) => void seen.push(`${who} usage ${usage.output}`),
      response: () => void seen.push(`${who} response`),
    })
    const { byok } = await start([plugin('a', spy('a'))], spy('options'))
    await ask(byok)
    await expect.poll(() => seen).toHaveLength(12)
    const both = (what: string) => [`options ${what}`, `a ${what}`]
    const hooks = ['request', 'credential', 'chat', 'event', 'usage 16', 'response']
    expect(seen).toEqual(hooks.flatMap(both))
  })

  it.each(['request', 'chat', 'credential', 'event'] as const)(
    'one that throws in `%s` fails its request alone, and is named; nothing it says is shown',
    async (name) => {
      let broken = true
      const { byok, lines } = await start([plugin('breaker', { [name]: () => void (broken && boom()) })])
      const failure = await ask(byok).catch((error: unknown) => error)
      expect(failure).toBeInstanceOf(HookError)
      expect(failure).toMatchObject({ status: 500, code: 'hook_failed', hook: name, owner: 'plugin "breaker"' })
      expect(String(failure)).toContain('breaker')
      expect(String(failure)).not.toContain('canary')
      expect(lines).toContainEqual({
        message: 'a hook failed',
        fields: expect.objectContaining({ hook: name, owner: 'plugin "breaker"' }),
      })
      expect(lines.find(({ message }) => message === 'a hook failed')?.fields['fault']).toMatch(/^TypeError\n +at /)
      expect(JSON.stringify(lines)).not.toContain('canary')
      broken = false
      await ask(byok)
    },
  )

  it.each([
    ['a text', 'canary', 'string'],
    ['an object', { message: 'canary' }, 'object'],
    ['nothing', null, 'null'],
  ])('one that throws %s in place of an error is told so in the log', async (_, thrown: unknown, what) => {
    const { byok, lines } = await start([
      plugin('thrower', {
        request: () => {
          throw thrown
        },
      }),
    ])
    await expect(ask(byok)).rejects.toMatchObject({ code: 'hook_failed', owner: 'plugin "thrower"' })
    const fault = `what was thrown is no Error, and so does not say where: ${what}`
    expect(lines).toEqual([
      { message: 'a hook failed', fields: expect.objectContaining({ owner: 'plugin "thrower"', fault }) },
    ])
  })

  it.each<[hook: 'chat' | 'event', leaves: string, handler: (context: never) => unknown]>([
    ['chat', 'no `messages`', ({ chat }: { chat: JsonObject }) => void (chat['messages'] = [])],
    [
      'chat',
      '`messages` that are no list',
      async ({ chat }: { chat: JsonObject }) => void (chat['messages'] = 'canary'),
    ],
    [
      'chat',
      '`messages[1].content` that is no list of parts',
      ({ chat }: { chat: { messages: unknown[] } }) => chat.messages.push({ role: 'user', content: 'canary' }),
    ],
    [
      'chat',
      '`messages[0].content[0].type` that is none of text, image, file, audio, refusal, reasoning, tool-call',
      ({ chat }: { chat: { messages: unknown[] } }) =>
        chat.messages.unshift({ role: 'user', content: [{ type: 'image_url', image_url: 'canary' }] }),
    ],
    [
      'chat',
      '`messages[1].role` that is none of system, developer, user, assistant, tool',
      ({ chat }: { chat: { messages: unknown[] } }) => chat.messages.push({ role: 'function', content: [] }),
    ],
    [
      'event',
      'an event of type `words`, which there is not',
      ({ event }: { event: JsonObject }) => (event['type'] = 'words'),
    ],
    [
      'event',
      'a `text` event whose `text` is no string',
      ({ event }: { event: JsonObject }) => void (event['type'] === 'text' && delete event['text']),
    ],
  ])('one of `%s` that leaves %s fails its request, and is named', async (name, left, handler) => {
    const { byok, lines } = await start([plugin('breaker', { [name]: handler })])
    const failure = await ask(byok).catch((error: unknown) => error)
    const message = `The \`${name}\` hook of plugin "breaker" left ${left}.`
    expect(failure).toMatchObject({ status: 500, code: 'hook_failed', hook: name, message })
    expect(lines).toMatchObject([{ message: 'a hook failed', fields: { owner: 'plugin "breaker"', fault: message } }])
    expect(JSON.stringify(lines)).not.toContain('canary')
  })

  it.each(['usage', 'response'] as const)('one that throws in `%s` keeps no other from it', async (name) => {
    let called = 0
    const { byok, lines } = await start([
      plugin('breaker', { [name]: boom }),
      plugin('after', { [name]: () => void called++ }),
    ])
    let id: string | undefined
    byok.hooks.hook(name, ({ info }: { info: RequestInfo }) => void (id = info.id))
    await ask(byok)
    await expect.poll(() => called).toBe(1)
    expect(lines.filter(({ message }) => message === 'a hook failed')).toEqual([
      { message: 'a hook failed', fields: expect.objectContaining({ id, hook: name, owner: 'plugin "breaker"' }) },
    ])
    expect(id).toMatch(/^req_/)
  })

  it('`usage` is told what an `error` handler notes', async () => {
    const told: number[] = []
    const { byok } = await start([
      plugin('notes', {
        chat: () => {
          throw new ChatError('Not today.', { status: 400 })
        },
        error: ({ info }) => void (info.usage = { input: 5, output: 0 }),
        usage: ({ usage }) => void told.push(usage.input),
      }),
    ])
    await expect(ask(byok)).rejects.toThrow('Not today.')
    expect(told).toEqual([5])
  })

  it('one that throws in `stop` keeps no other from it', async () => {
    let called = 0
    const { byok, lines } = await start([
      plugin('breaker', { stop: boom }),
      plugin('after', { stop: () => void called++ }),
    ])
    await byok.hooks.callHook('stop', { timeout: 0, waitUntil() {} })
    expect(called).toBe(1)
    expect(lines).toEqual([{ message: 'a hook failed', fields: expect.objectContaining({ hook: 'stop' }) }])
  })

  it('an `event` handler that fails later does not end the process', async () => {
    // The types would not have it; a program in JavaScript has none.
    const late = (async () => boom()) as unknown as () => void
    const { byok, lines } = await start([plugin('late', { event: late })])
    await ask(byok)
    await expect.poll(() => lines.length).toBeGreaterThan(0)
    expect(lines[0]).toMatchObject({ message: 'a hook failed', fields: { hook: 'event', owner: 'plugin "late"' } })
  })

  it('what a handler throws on purpose is for the client', async () => {
    const refuse = () => {
      throw new ChatError('Not today.', { status: 403, code: 'closed' })
    }
    const { byok, lines } = await start([plugin('closed', { request: refuse })])
    await expect(ask(byok)).rejects.toMatchObject({ status: 403, code: 'closed', message: 'Not today.' })
    expect(lines).toEqual([])
  })

  it('does not wait for one that hangs, and says which is slow', async () => {
    const { byok, lines } = await start([plugin('hanging', { request: () => new Promise(() => {}) })])
    vi.useFakeTimers()
    const failure = expect(ask(byok)).rejects.toMatchObject({ owner: 'plugin "hanging"', hook: 'request' })
    await vi.advanceTimersByTimeAsync(30_000)
    await failure
    expect(lines).toContainEqual({
      message: 'a hook is slow',
      fields: { hook: 'request', owner: 'plugin "hanging"', ms: 30_000 },
    })
  })

  it('are timed', async () => {
    const { byok } = await start([plugin('timed', { chat: () => {}, response: boom })])
    await ask(byok)
    await expect.poll(() => byok.hookTimes).toHaveLength(2)
    expect(byok.hookTimes).toEqual([
      {
        owner: 'plugin "timed"',
        hook: 'chat',
        calls: 1,
        failures: 0,
        total: expect.any(Number),
        longest: expect.any(Number),
      },
      expect.objectContaining({ hook: 'response', calls: 1, failures: 1 }),
    ])
  })

  it('`config` and `plugin` stop byok from starting, with the plugin’s own words', async () => {
    const wrong = plugin('picky', {
      config: () => {
        throw new Error('providers.picky.region is needed')
      },
    })
    await expect(start([wrong])).rejects.toThrow(
      'the `config` hook of plugin "picky" failed: providers.picky.region is needed',
    )
  })

  it.each([
    ['a text', 'no region', 'no region'],
    ['an object with a message', { message: 'no region', code: 7 }, 'no region'],
    ['an object', { why: 'no region' }, "{ why: 'no region' }"],
    ['a secret', { key: new Secret('canary') }, '{ key: [secret] }'],
    ['an object that is nothing else', Object.create(null), '[Object: null prototype] {}'],
    ['nothing', undefined, 'undefined'],
  ])('and in words where it throws %s', async (_, thrown, words) => {
    const throws = plugin('picky', {
      config: () => {
        throw thrown
      },
    })
    await expect(start([throws])).rejects.toThrow(`the \`config\` hook of plugin "picky" failed: ${words}`)
  })

  it('`close` may fail, and all is released', async () => {
    let closed = 0
    const store = createMemoryTokenStore()
    const { byok, lines } = await start(
      [plugin('a', { close: boom }), plugin('b', { close: () => void closed++ })],
      {},
      store,
    )
    await byok.close()
    expect(closed).toBe(1)
    expect(lines).toMatchObject([{ fields: { hook: 'close', owner: 'plugin "a"' } }])
  })

  it('`login` tells of logins, without their tokens', async () => {
    const seen: unknown[] = []
    const { byok } = await start([plugin('watcher', { login: (change) => void seen.push(change) })])
    const provider = byok.registry.providers.find(({ name }) => name === 'claude')
    if (!provider) throw new Error('no claude')
    await byok.auth.keep(provider, { account: 'ann', tokens: { accessToken: new Secret('canary') } })
    expect(seen).toEqual([{ provider: 'claude', account: 'ann', change: 'made' }])
  })
})

describe('handlers that `byok.hooks` added', () => {
  it('fail their request alone, named and without their words', async () => {
    const { byok, lines } = await start([])
    const off = byok.hooks.hook('chat', boom)
    await expect(ask(byok)).rejects.toMatchObject({ code: 'hook_failed', hook: 'chat', owner: 'this program' })
    const line = lines.find(({ message }) => message === 'a hook failed')
    expect(line?.fields).toMatchObject({ hook: 'chat', owner: 'this program' })
    expect(line?.fields['fault']).toMatch(/^TypeError\n +at /)
    expect(JSON.stringify(lines)).not.toContain('canary')
    off()
    await ask(byok)
  })

  it('only look on where hooks do: those after them are called', async () => {
    let called = 0
    const { byok, lines } = await start([])
    byok.hooks.addHooks({ response: boom })
    byok.hooks.hook('response', () => void called++)
    await ask(byok)
    await expect.poll(() => called).toBe(1)
    expect(lines).toEqual([
      { message: 'a hook failed', fields: expect.objectContaining({ hook: 'response', owner: 'this program' }) },
    ])
  })

  it('do not end the process where an `event` fails later', async () => {
    const { byok, lines } = await start([])
    // @ts-expect-error what a program without types may do
    byok.hooks.hook('event', async () => boom())
    await ask(byok)
    await expect.poll(() => lines.length).toBeGreaterThan(0)
    expect(lines[0]).toMatchObject({ message: 'a hook failed', fields: { hook: 'event', owner: 'this program' } })
  })

  it('are not waited for where they hang', async () => {
    const { byok } = await start([])
    byok.hooks.hook('request', () => new Promise(() => {}))
    vi.useFakeTimers()
    const failure = expect(ask(byok)).rejects.toMatchObject({ owner: 'this program', hook: 'request' })
    await vi.advanceTimersByTimeAsync(30_000)
    await failure
    expect(byok.hookTimes).toMatchObject([{ owner: 'this program', hook: 'request', calls: 1, failures: 1 }])
  })

  it('are taken off by themselves, by name, after one call, and all at once', async () => {
    let called = 0
    const count = () => void called++
    const { byok } = await start([])
    byok.hooks.hook('chat', count)
    byok.hooks.hook('chat', count)
    byok.hooks.removeHook('chat', count)
    byok.hooks.hookOnce('chat', count)
    await ask(byok)
    expect(called).toBe(2)
    await ask(byok)
    expect(called).toBe(3)
    byok.hooks.clearHook('chat')
    await ask(byok)
    expect(called).toBe(3)
  })

  it('are seen by those who look at each call', async () => {
    const seen: string[] = []
    const { byok } = await start([])
    const off = byok.hooks.beforeEach(({ name }) => void seen.push(name))
    byok.hooks.hook('chat', () => {})
    await ask(byok)
    expect(seen).toContain('chat')
    off()
  })
})

it.each([
  ['a hook that there is not', { requst: () => {} }, /`hooks\.requst`: there is no such hook, only .*request/],
  ['what is no handler', { request: 5 }, /`hooks\.request`: /],
])('the options of createByok with %s are refused', async (_, hooks, fault) => {
  // Programs in JavaScript have no types to tell them.
  const options = { hooks: hooks as unknown as Partial<ByokHooks> }
  await expect(createByok({ configFiles: false, env: {}, ...options })).rejects.toThrow(fault)
})
