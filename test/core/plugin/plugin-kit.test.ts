import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runCommand } from 'citty'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import {
  apiKey,
  ChatError,
  createMemoryTokenStore,
  defineCommand,
  definePlugin,
  openaiChat,
  PLUGIN_API_VERSION,
} from '../../../src/index.ts'
import type {
  Byok,
  ByokOptions,
  ChatEvent,
  CountTokens,
  Executor,
  OpenStore,
  Plugin,
  Protocol,
  Translator,
  TranslatorPick,
} from '../../../src/index.ts'
import { main } from '../../../src/cli/commands.ts'
import { withPluginCommands } from '../../../src/cli/plugin-commands.ts'
import { mock } from '../../../examples/plugins/mock.ts'
import { createIsolatedByok } from '../../helpers/isolated-byok.ts'

async function start(plugins: Plugin[], options: ByokOptions = {}): Promise<Byok> {
  const byok = await createIsolatedByok({
    plugins,
    ...options,
  })
  onTestFinished(() => byok.close())
  return byok
}

/** A protocol as small as one can be: a question and an answer, as text. */
const plain: Protocol = {
  name: 'plain',
  decode(body) {
    const { ask, model } = body as { ask?: unknown; model: string }
    if (typeof ask !== 'string') throw new ChatError('Ask something.', { status: 400, param: 'ask' })
    return { model, stream: false, messages: [{ role: 'user', content: [{ type: 'text', text: ask }] }] }
  },
  encode: ({ choices: [choice] }) => ({
    said: choice?.content.map((part) => (part.type === 'text' ? part.text : '')).join(''),
  }),
  encoder: () => ({ push: (event) => (event.type === 'text' ? event.text : ''), end: () => '' }),
  encodeError: ({ message, param }) => ({ wrong: message, param }),
  encodeStreamError: ({ message }) => message,
  inspectTail: () => ({ complete: true, append: '' }),
}

describe('the version of the plugin API', () => {
  it.each([
    [
      PLUGIN_API_VERSION + 1,
      /plugin "future" is made for version 2 of byok's plugin API; byok .* has version 1\. Update byok\./,
    ],
    [0, /is made for version 0 .* Update the plugin\./],
    ['next', /is made for version "next" .* Update the plugin\./],
  ])('%j is refused before anything else is looked at', async (apiVersion, message) => {
    // As another version may have it.
    const plugin = { name: 'future', apiVersion, models: 'not a list' } as unknown as Plugin
    await expect(start([plugin])).rejects.toThrow(message)
  })

  it('the present one is fine, and so is none', async () => {
    await start([definePlugin({ name: 'now', apiVersion: PLUGIN_API_VERSION }), definePlugin({ name: 'any' })])
  })
})

describe('what plugins add', () => {
  let byok: Byok
  const post = (path: string, body: unknown) =>
    byok.fetch(`http://localhost${path}`, { method: 'POST', body: JSON.stringify(body) })
  beforeAll(async () => {
    byok = await createIsolatedByok({
      server: { keys: [{ key: 'client-key', label: 'me' }] },
      plugins: [
        mock(),
        definePlugin({
          name: 'adds',
          protocols: [{ path: '/plain/ask', protocol: plain }],
          routes: [
            {
              path: '/notes/:id',
              access: 'anyone',
              handler: async (request, { params, byok: own }) =>
                Response.json({
                  ...params,
                  from: new URL(request.url).pathname,
                  models: own.registry.providers.length > 0,
                }),
            },
            {
              path: '/notes/:id',
              access: 'anyone',
              method: 'PUT',
              handler: async (request) => new Response(await request.text()),
            },
            {
              path: '/closed',
              handler: () => {
                throw new ChatError('Closed.', { status: 410, code: 'closed' })
              },
            },
            {
              path: '/broken',
              access: 'anyone',
              handler: () => {
                throw new Error('canary')
              },
            },
          ],
        }),
      ],
    })
  })
  afterAll(() => byok.close())

  it('a protocol: its clients reach every provider, its errors are in its form, keys are asked for', async () => {
    expect((await post('/plain/ask', { model: 'mock-1', ask: 'Hi' })).status).toBe(401)
    const asked = (body: unknown) => post('/plain/ask?key=client-key', body)
    expect(await (await asked({ model: 'mock-1', ask: 'Hi' })).json()).toEqual({ said: 'You said: Hi' })
    const wrong = await asked({ model: 'mock-1' })
    expect(wrong.status).toBe(400)
    expect(await wrong.json()).toEqual({ wrong: 'Ask something.', param: 'ask' })
  })

  it('routes: with what stands in their path, other methods refused, faults kept to themselves', async () => {
    const read = await byok.fetch('http://localhost/notes/a%20b')
    expect(await read.json()).toEqual({ id: 'a b', from: '/notes/a%20b', models: true })
    const written = await byok.fetch('http://localhost/notes/1', { method: 'PUT', body: 'text' })
    expect(await written.text()).toBe('text')
    const other = await byok.fetch('http://localhost/notes/1', { method: 'DELETE' })
    expect([other.status, other.headers.get('allow')]).toEqual([405, 'GET, PUT'])
    expect((await byok.fetch('http://localhost/closed')).status).toBe(401)
    const closed = await byok.fetch('http://localhost/closed', { headers: { authorization: 'Bearer client-key' } })
    expect(closed.status).toBe(410)
    const broken = await byok.fetch('http://localhost/broken')
    expect(broken.status).toBe(500)
    const words = await broken.text()
    expect(words).toContain('route GET /broken of plugin \\"adds\\" failed')
    expect(words).not.toContain('canary')
  })

  it('their paths are byok’s, for a host that shares its root', () => {
    expect(['/plain/ask', '/notes/1', '/closed', '/v1/models'].map(byok.serves)).toEqual([true, true, true, true])
    expect(['/', '/notes', '/notes/1/2', '/other'].map(byok.serves)).toEqual([false, false, false, false])
  })

  it.each([
    [[{ path: '/v1/models', handler: () => new Response() }], /the path \/v1\/models is byok's own/],
    [
      [1, 2].map(() => ({ path: '/twice', handler: () => new Response() })),
      /another route has GET \/twice already.*plugin "adds"/,
    ],
    [[{ path: 'bare', handler: () => new Response() }], /routes\.0\.path.*begin with a slash/],
  ])('a route that cannot be is refused: %#', async (routes, message) => {
    await expect(start([definePlugin({ name: 'adds', routes })])).rejects.toThrow(message)
  })

  it('a store, chosen by the scheme of `db`', async () => {
    const kept = createMemoryTokenStore()
    const opened: string[] = []
    const plugin = definePlugin({
      name: 'vault',
      stores: {
        vault: async (url) => {
          opened.push(url)
          return kept
        },
      },
    })
    const home = await mkdtemp(join(tmpdir(), 'byok-kit-'))
    onTestFinished(() => rm(home, { recursive: true }))
    const options = { store: undefined, db: 'vault://logins', env: { HOME: home }, usage: { enabled: false } }
    expect((await start([plugin], options)).store).toBe(kept)
    expect(opened).toEqual(['vault://logins'])
    await expect(start([plugin], { ...options, db: 'redis://logins' })).rejects.toThrow(
      'kind redis://, which neither byok nor a plugin has. byok has files, postgres:// and libsql://, vault://.',
    )
  })

  it.each<[string, OpenStore, string]>([
    ['fails', () => Promise.reject(new Error('no way in')), 'failed: no way in'],
    [
      'fails at once',
      () => {
        throw new Error('no way in')
      },
      'failed: no way in',
    ],
    // The types would not have these; a plugin in JavaScript has none.
    ['is none', (() => undefined) as unknown as OpenStore, 'gave no TokenStore: what it gave has no list(), get()'],
    [
      'is half of one',
      async () => Object.assign(createMemoryTokenStore(), { put: undefined }),
      'gave no TokenStore: what it gave has no put()',
    ],
  ])('a store that %s is named, with its plugin', async (_, open, words) => {
    const home = await mkdtemp(join(tmpdir(), 'byok-kit-'))
    onTestFinished(() => rm(home, { recursive: true }))
    const options = { store: undefined, db: 'vault://logins', env: { HOME: home }, usage: { enabled: false } }
    const starting = start([definePlugin({ name: 'locks', stores: { vault: open } })], options)
    await expect(starting).rejects.toMatchObject({
      name: 'PluginError',
      message: expect.stringContaining(`the store \`vault\` of plugin "locks" ${words}`),
    })
  })

  it('a routing strategy', async () => {
    const asked: string[] = []
    const plugin = definePlugin({
      name: 'last-first',
      strategies: {
        'last-first': (candidates) => {
          asked.push(...candidates.map(({ provider }) => provider))
          return [...candidates].reverse()
        },
      },
    })
    const other = start([plugin, mock()], { routing: { strategy: 'last-first' } })
    await (await other).chat({ model: 'mock-1', messages: [{ role: 'user', content: 'Hi' }] })
    expect(asked).toEqual(['mock'])
    await expect(start([], { routing: { strategy: 'last-first' } })).rejects.toThrow(/names a strategy there is not/)
  })

  const failed = "failed. byok's log has the details."
  it.each([
    [
      'throws',
      () => {
        throw new TypeError('canary')
      },
      failed,
      /^TypeError\n +at /,
    ],
    // The types would not have these; a program in JavaScript has none.
    ['gives nothing', (() => undefined) as unknown as Executor, 'gave no response.', /gave no response/],
    [
      'gives headers that are none',
      (() => ({ status: 200, headers: {} })) as unknown as Executor,
      'gave no response.',
      /gave no response/,
    ],
  ])('an executor that %s ends the request, and is named', async (_, executor, words, fault) => {
    const lines: unknown[] = []
    const log = (message: string, fields = {}) => void lines.push({ message, ...fields })
    const acme = definePlugin({
      name: 'acme',
      models: ['m'],
      auth: [apiKey()],
      executor,
      translator: openaiChat(),
    })
    const byok = await start([acme], {
      logger: { error: log, warn: log, info() {}, debug() {} },
      providers: { acme: { api_keys: ['one', 'two'] } },
    })
    const body = JSON.stringify({ model: 'acme/m', messages: [{ role: 'user', content: 'canary' }] })
    const answer = await byok.fetch('http://localhost/v1/chat/completions', { method: 'POST', body })
    expect(answer.status).toBe(500)
    expect(await answer.json()).toMatchObject({
      error: { code: 'plugin_failed', message: `The executor of provider "acme" ${words}` },
    })
    expect(lines).toEqual([
      expect.objectContaining({ message: 'a plugin failed', part: 'executor', owner: 'provider "acme"' }),
    ])
    expect(lines).toMatchObject([{ fault: expect.stringMatching(fault) }])
    expect(JSON.stringify(lines)).not.toContain('canary')
  })

  it('a translator of its own needs no more than `request` and `events`', async () => {
    const sent: unknown[] = []
    const acme = definePlugin({
      name: 'acme',
      models: ['m'],
      auth: apiKey(),
      executor: ({ request }) => {
        sent.push(request.body)
        const headers = { 'content-type': 'text/event-stream' }
        return Promise.resolve(new Response('data: {"word":"Hel"}\n\ndata: {"word":"lo"}\n\n', { headers }))
      },
      translator: {
        request: ({ messages }) => ({ said: messages.length }),
        events: () => ({
          push: ({ data }) => [{ type: 'text', text: (JSON.parse(data) as { word: string }).word }],
          end: () => [{ type: 'finish', reason: 'stop' }],
        }),
      },
    })
    const byok = await start([acme], { providers: { acme: { api_key: 'one' } } })
    for (const stream of [false, true]) {
      const body = JSON.stringify({ model: 'acme/m', stream, messages: [{ role: 'user', content: 'Hi' }] })
      const answer = await byok.fetch('http://localhost/v1/chat/completions', { method: 'POST', body })
      expect(await answer.text()).toMatch(stream ? /"content":"Hel".*"content":"lo".*\[DONE\]/s : /"content":"Hello"/)
    }
    expect(sent).toEqual([{ said: 1 }, { said: 1 }])
  })

  const broken = () => {
    throw new TypeError('canary')
  }
  const nothing = (() => undefined) as () => never
  const none = 'gave something else in place of a list.'
  const NO_REQUEST = 'gave something else in place of a request.'
  const DELTA = { type: 'tool-call-delta', index: 0, arguments: '{}' }
  const eventsOf = (event: object) => {
    const give = () => [event as ChatEvent]
    return { answer: give, events: () => ({ push: give, end: () => [] }) }
  }
  it.each<[string, Partial<Translator> | TranslatorPick, boolean | 'refused', string?]>([
    ['throws in `request`', { request: broken }, false],
    ['throws in `answer`', { answer: broken }, false],
    ['throws in `events()`', { events: broken }, true],
    ['throws in `events`', { events: () => ({ push: broken, end: () => [] }) }, true],
    ['throws in `frames()`', { frames: broken }, true],
    ['throws in `frames`', { frames: () => ({ push: broken, end: () => [] }) }, true],
    ['throws in `passes`', { format: 'openai-chat', passes: broken }, false],
    ['throws in `error`', { error: broken }, 'refused'],
    ['throws where it is picked', broken, false],
    // The types would not have these; a program in JavaScript has none.
    ['gives no list in `answer`', { answer: nothing }, false, none],
    ['gives no list in `events`', { events: () => ({ push: nothing, end: () => [] }) }, true, none],
    ['gives no events in `events`', { events: () => ({ push: () => [null as never], end: () => [] }) }, true, none],
    ['gives no list in `frames`', { frames: () => ({ push: nothing, end: () => [] }) }, true, none],
    ['promises its request', { request: (() => Promise.resolve({})) as never }, false, NO_REQUEST],
    ['gives a text as its request', { request: (() => '{}') as never }, false, NO_REQUEST],
    [
      'gives an event there is not',
      eventsOf({ type: 'txt' }),
      true,
      'gave an event of type `txt`, which there is not.',
    ],
    ['gives a text without one', eventsOf({ type: 'text' }), true, 'gave a `text` event whose `text` is no string.'],
    [
      'tells no usage',
      { answer: eventsOf({ type: 'usage', usage: null }).answer },
      false,
      'gave a `usage` event whose `usage` is no object.',
    ],
    [
      'gives a reason there is not',
      eventsOf({ type: 'finish', reason: 'end_turn' }),
      true,
      'gave a `finish` event whose `reason` is none of stop, ',
    ],
    ['goes on with no call', eventsOf(DELTA), true, 'gave a `tool-call-delta` event of a call that has not begun.'],
    [
      'gives an object as the words of an error',
      { error: () => ({ message: { text: 'no' } as never }) },
      'refused',
      'gave an error whose `message` is no string.',
    ],
    [
      'gives a text as an error',
      { error: () => 'no' as never },
      'refused',
      'gave something else in place of an error.',
    ],
    ['promises an error', { error: (() => Promise.resolve({})) as never }, 'refused', 'gave something else in place'],
    ['is not picked', nothing, false, 'picked none.'],
    ['is promised', (() => Promise.resolve()) as () => never, false, 'picked none.'],
  ])('a translator that %s is named', async (_, half, wire, words = failed) => {
    const error = vi.fn()
    const stream = wire === true
    const [said, done] = [
      { choices: [{ index: 0, message: { content: 'Hi' }, finish_reason: 'stop' }] },
      'data: {}\n\n',
    ]
    const acme = definePlugin({
      name: 'acme',
      models: ['m'],
      auth: [apiKey({ optional: true })],
      // The name of a format that no client speaks: nothing passes through.
      translator: typeof half === 'function' ? half : { ...openaiChat(), format: 'acme', ...half },
      executor: async () =>
        stream
          ? new Response(done, { headers: { 'content-type': 'text/event-stream' } })
          : Response.json(said, { status: wire === 'refused' ? 400 : 200 }),
    })
    const byok = await start([acme], { logger: { error, warn() {}, info() {}, debug() {} } })
    const body = JSON.stringify({ model: 'acme/m', stream, messages: [{ role: 'user', content: 'Hello' }] })
    const answer = await byok.fetch('http://localhost/v1/chat/completions', { method: 'POST', body })
    expect(await answer.text()).toContain(`The translator of provider \\"acme\\" ${words}`)
    expect(error).toHaveBeenCalledWith(
      'a plugin failed',
      expect.objectContaining({
        part: 'translator',
        owner: 'provider "acme"',
        fault: expect.stringMatching(words === failed ? /^TypeError/ : words),
      }),
    )
  })

  it.each<[string, Partial<Protocol>, string]>([
    ['throws in `decode`', { decode: broken }, failed],
    ['throws in `encode`', { encode: broken }, failed],
    ['throws in `encoder()`', { encoder: broken }, failed],
    ['throws in `encoder`', { encoder: () => ({ push: broken, end: () => '' }) }, failed],
    ['throws at the end', { encoder: () => ({ push: () => '', end: broken }) }, failed],
    ['throws at each error too', { decode: broken, encodeError: broken }, failed],
    [
      'throws in a stream and at its error',
      { encoder: () => ({ push: () => 'x', end: broken }), encodeStreamError: broken },
      failed,
    ],
    // The types would not have it; a plugin in JavaScript has none.
    ['decodes nothing', { decode: nothing }, 'decoded no request.'],
  ])('a protocol that %s is named', async (_, half, words) => {
    const stream = half.encoder !== undefined
    const protocol: Protocol = { ...plain, decode: (body) => ({ ...plain.decode(body), stream }), ...half }
    const error = vi.fn()
    const adds = definePlugin({ name: 'adds', protocols: [{ path: '/plain/ask', protocol }] })
    const byok = await start([mock(), adds], { logger: { error, warn() {}, info() {}, debug() {} } })
    const body = JSON.stringify({ model: 'mock-1', ask: 'Hi', stream })
    const answer = await byok.fetch('http://localhost/plain/ask', { method: 'POST', body })
    expect(await answer.text()).toContain(words.replaceAll('"', '\\"'))
    const [part, owner] = ['protocol "plain"', 'plugin "adds"']
    expect(error.mock.calls).toEqual([['a plugin failed', expect.objectContaining({ part, owner })]])
  })

  it.each<[string, CountTokens, object]>([
    ['throws', broken, { error: { message: `The \`countTokens\` of provider "acme" ${failed}` } }],
    ['gives no number', () => Promise.resolve(NaN), { input_tokens: expect.any(Number) }],
  ])('a count that %s is no answer', async (_, countTokens, expected) => {
    const acme = definePlugin({
      name: 'acme',
      models: ['m'],
      auth: [apiKey({ optional: true })],
      translator: openaiChat(),
      executor: () => Promise.reject(new Error('not called')),
      countTokens,
    })
    const byok = await start([acme])
    const body = JSON.stringify({ model: 'acme/m', messages: [{ role: 'user', content: 'Hello' }] })
    const answer = await byok.fetch('http://localhost/v1/messages/count_tokens', { method: 'POST', body })
    expect(await answer.json()).toMatchObject(expected)
  })

  it('commands of the CLI, with arguments of their own', async () => {
    const home = await mkdtemp(join(tmpdir(), 'byok-kit-'))
    onTestFinished(() => rm(home, { recursive: true }))
    vi.stubEnv('HOME', home)
    await writeFile(
      join(home, 'plugin.mjs'),
      `export default { name: 'greeter', apiVersion: 1, commands: {
        greet: { description: 'Greets', args: { who: { type: 'positional', description: 'Whom' } },
          run: ({ byok, args }) => void process.stdout.write('Hello ' + args.who + ' from ' + byok.registry.plugins.at(-1).name) } } }`,
    )
    const file = join(home, 'byok.yaml')
    await writeFile(file, 'plugins: [./plugin.mjs]\nlog: { level: silent }\n')
    const command = await withPluginCommands(main, ['greet', '-c', file, 'Ann'], () => {})
    const names = Object.keys(command.subCommands ?? {})
    expect(names).toContain('greet')
    let output = ''
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
      output += String(text)
      return true
    })
    await runCommand(command, { rawArgs: ['greet', '-c', file, 'Ann'] })
    expect(output).toBe('Hello Ann from greeter')
    expect(command.subCommands).toMatchObject({ models: (main.subCommands as Record<string, unknown>)['models'] })
  })

  it.each([
    [['break'], 'byok: the command `break` of plugin "breaker" failed: it broke\n'],
    [['break', '--verbose'], /^byok: the command `break` of plugin "breaker" failed: TypeError: it broke\n +at /],
  ])('a command that fails says whose it is: %j', async (words, expected) => {
    const home = await mkdtemp(join(tmpdir(), 'byok-kit-'))
    onTestFinished(() => rm(home, { recursive: true }))
    vi.stubEnv('HOME', home)
    await writeFile(
      join(home, 'plugin.mjs'),
      `export default { name: 'breaker', commands: {
        break: { description: 'Breaks', run() { throw new TypeError('it broke') } } } }`,
    )
    const file = join(home, 'byok.yaml')
    await writeFile(file, 'plugins: [./plugin.mjs]\nlog: { level: silent }\n')
    const argv = [...words, '-c', file]
    const command = await withPluginCommands(main, argv, () => {})
    let told = ''
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
      told += String(text)
      return true
    })
    const exit = vi.spyOn(process, 'exit').mockImplementation(() => undefined as never)
    await runCommand(command, { rawArgs: argv })
    expect(exit).toHaveBeenCalledWith(1)
    expect(told).toMatch(expected)
  })

  it('keys of config of their own, in `byok config keys` and `byok config schema`', async () => {
    const home = await mkdtemp(join(tmpdir(), 'byok-kit-'))
    onTestFinished(() => rm(home, { recursive: true }))
    vi.stubEnv('HOME', home)
    const zod = import.meta.resolve('zod')
    await writeFile(
      join(home, 'keyed.mjs'),
      `import { z } from '${zod}'
      export default { name: 'keyed', config: z.object({ region: z.string().default('eu').describe('Where it runs.') }) }`,
    )
    const file = join(home, 'byok.yaml')
    await writeFile(file, 'plugins: [./keyed.mjs]\nlog: { level: silent }\n')
    let output = ''
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
      output += String(text)
      return true
    })
    await runCommand(main, { rawArgs: ['config', 'keys', '-c', file] })
    expect(output).toContain('providers.keyed.region (text, default "eu")\n    Where it runs.\n')
    output = ''
    await runCommand(main, { rawArgs: ['config', 'schema', '-c', file] })
    const { properties } = JSON.parse(output)
    expect(properties.providers.properties.keyed.properties.region).toMatchObject({ default: 'eu', type: 'string' })
  })

  it('a command that is defined keeps its types', () => {
    const command = defineCommand({
      description: 'x',
      args: { n: { type: 'string' } },
      run: ({ args }) => void args.n?.trim(),
    })
    expect(command.description).toBe('x')
  })
})
