import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createStorage } from 'unstorage'
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { apiKey } from '../../../src/core/auth/method.ts'
import type { Credential } from '../../../src/core/auth/credential.ts'
import { configSchema } from '../../../src/core/config/index.ts'
import { fileDriver } from '../../../src/core/cache/cache.ts'
import { ModelCache } from '../../../src/core/models/model-cache.ts'
import { ModelLists } from '../../../src/core/models/model-lists.ts'
import type { ModelListsOptions } from '../../../src/core/models/model-lists.ts'
import { definePlugin } from '../../../src/core/plugin/plugin.ts'
import type { ListModelsContext, ModelInfo } from '../../../src/core/plugin/plugin.ts'
import { Registry } from '../../../src/core/registry.ts'
import type { Provider } from '../../../src/core/registry.ts'
import { Secret } from '../../../src/core/secrets/secret.ts'

const HOUR = 3_600_000

interface Setup {
  registry: Registry
  provider: Provider
  lists: ModelLists
  asked: ListModelsContext[]
  logged: string[]
}

let now = 0
let answer: () => Promise<ModelInfo[]>
let credential: Credential | undefined
let alone = true

beforeEach(() => {
  now = 1_800_000_000_000
  answer = () => Promise.resolve([{ id: 'live' }])
  credential = { kind: 'api_key', account: 'api_key', key: new Secret('sk-secret') }
  alone = true
})

function setUp(
  cache = new ModelCache(createStorage()),
  models: ModelInfo[] = [],
  { listsAll = false, ...options }: Partial<ModelListsOptions> & { listsAll?: boolean } = {},
): Setup {
  const asked: ListModelsContext[] = []
  const logged: string[] = []
  const registry = new Registry()
  registry.register(
    definePlugin({
      name: 'one',
      models,
      listsAll,
      auth: [apiKey()],
      translator: { format: 'test', request: () => ({}), events: () => ({ push: () => [], end: () => [] }) },
      executor: (): Promise<never> => Promise.reject(new Error('not called')),
      listModels: (context) => {
        asked.push(context)
        return answer()
      },
    }),
  )
  registry.configure(configSchema.parse({ providers: { one: {} } }))
  const [provider] = registry.providers
  if (!provider) throw new Error('there is no provider')
  const silent = () => {}
  const lists = new ModelLists({
    cache,
    credential: () => Promise.resolve(credential),
    fetchFor: () => () => Promise.reject(new Error('not called')),
    alone: () => Promise.resolve(alone),
    apply: (name, live) => registry.setListed(name, live),
    logger: { error: silent, warn: silent, info: silent, debug: (text) => void logged.push(text) },
    now: () => now,
    ...options,
  })
  return { registry, provider, lists, asked, logged }
}

const ids = ({ provider }: Setup) => [...provider.models.keys()]

describe('ModelLists', () => {
  it('adds what the provider lists', async () => {
    const setup = setUp(undefined, [{ id: 'static' }])
    await setup.lists.refresh(setup.provider)
    expect(ids(setup)).toEqual(['static', 'live'])
    expect(setup.registry.candidates('live')[0].model).toBe('live')
  })

  it('waits for the first list where there is nothing to show, and for nothing else', async () => {
    const empty = setUp()
    await empty.lists.touch([empty.provider])
    expect(ids(empty)).toEqual(['live'])

    let resolve: (models: ModelInfo[]) => void = () => {}
    answer = () => new Promise((done) => (resolve = done))
    const known = setUp(undefined, [{ id: 'static' }])
    await known.lists.touch([known.provider])
    expect(ids(known)).toEqual(['static'])
    await expect.poll(() => known.asked.length).toBe(1)
    resolve([{ id: 'late' }])
    await known.lists.refresh(known.provider)
    expect(ids(known)).toEqual(['static', 'late'])
  })

  it('keeps no list, and leaves no provider alone, until a clock that was ahead and was set right is there again', async () => {
    now += 1000 * HOUR
    const setup = setUp()
    await setup.lists.refresh(setup.provider)
    now -= 1000 * HOUR
    answer = () => Promise.reject(new Error('down'))
    await setup.lists.refresh(setup.provider)
    expect(setup.asked).toHaveLength(2)
    now -= HOUR
    await setup.lists.refresh(setup.provider)
    expect(setup.asked).toHaveLength(3)
  })

  it('asks again only when the list is out of date, and once at a time', async () => {
    const setup = setUp()
    await Promise.all([setup.lists.refresh(setup.provider), setup.lists.refresh(setup.provider)])
    await setup.lists.refresh(setup.provider)
    expect(setup.asked).toHaveLength(1)
    now += 6 * HOUR
    answer = () => Promise.resolve([{ id: 'newer' }])
    await setup.lists.refresh(setup.provider)
    expect(setup.asked).toHaveLength(2)
    expect(ids(setup)).toEqual(['newer'])
  })

  it('keeps the last list when the provider cannot be asked, and lets it rest', async () => {
    const setup = setUp()
    await setup.lists.refresh(setup.provider)
    now += 7 * HOUR
    answer = () => Promise.reject(new Error('offline'))
    await setup.lists.refresh(setup.provider)
    await setup.lists.refresh(setup.provider)
    expect(setup.asked).toHaveLength(2)
    expect(ids(setup)).toEqual(['live'])
    expect(setup.logged).toEqual(['The models of one could not be listed: offline'])
    now += 60_000
    answer = () => Promise.resolve([{ id: 'back' }])
    await setup.lists.refresh(setup.provider)
    expect(ids(setup)).toEqual(['back'])
  })

  it('asks at once after a new config, what failed and what is running too, where lists are wanted', async () => {
    const setup = setUp()
    await setup.lists.reloaded([setup.provider])
    expect(setup.asked).toEqual([])
    answer = () => Promise.reject(new Error('wrong key'))
    await setup.lists.touch([setup.provider])
    let fail: (error: Error) => void = () => {}
    answer = () => new Promise((_, reject) => (fail = reject))
    const first = setup.lists.reloaded([{ ...setup.provider }])
    await expect.poll(() => setup.asked.length).toBe(2)
    answer = () => Promise.resolve([{ id: 'live' }])
    const second = setup.lists.reloaded([{ ...setup.provider }])
    fail(new Error('still wrong'))
    await Promise.all([first, second])
    expect(ids(setup)).toEqual(['live'])
  })

  it('forgets the list of another endpoint where the new one cannot be asked', async () => {
    const setup = setUp(undefined, [{ id: 'static' }])
    await setup.lists.refresh(setup.provider)
    expect(ids(setup)).toEqual(['static', 'live'])
    credential = { kind: 'api_key', account: 'api_key', key: new Secret('sk-secret'), baseUrl: 'http://elsewhere.test' }
    answer = () => Promise.reject(new Error('offline'))
    await setup.lists.refresh(setup.provider)
    expect(ids(setup)).toEqual(['static'])
  })

  it('does not ask without a credential, nor a provider that is disabled', async () => {
    const setup = setUp()
    await setup.lists.refresh({ ...setup.provider, config: { ...setup.provider.config, enabled: false } })
    credential = undefined
    await setup.lists.refresh(setup.provider)
    expect(setup.asked).toEqual([])
  })

  it('stops asking when closed', async () => {
    const setup = setUp()
    answer = () =>
      new Promise((_, reject) => setup.asked[0]?.signal.addEventListener('abort', () => reject(new Error('aborted'))))
    const running = setup.lists.refresh(setup.provider)
    await expect.poll(() => setup.asked.length).toBe(1)
    setup.lists.close()
    await running
    await setup.lists.refresh(setup.provider)
    expect(setup.asked).toHaveLength(1)
    expect(setup.logged).toEqual([])
  })

  it('waits for a plugin that never answers for so long, with a timer that a command waits for too', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const asking = new Promise<void>((resolve) => {
      answer = () => (resolve(), new Promise(() => {}))
    })
    const { lists, provider, logged } = setUp()
    const refreshed = lists.refresh(provider)
    await asking
    await vi.advanceTimersByTimeAsync(15_000)
    await refreshed
    expect(logged).toEqual(['The models of one could not be listed: no answer after 15 s'])
  })

  it('does not wait for a plugin that minds no signal', async () => {
    const setup = setUp()
    answer = () => new Promise(() => {})
    const running = setup.lists.refresh(setup.provider)
    await expect.poll(() => setup.asked.length).toBe(1)
    setup.lists.close()
    await running
    expect(ids(setup)).toEqual([])
  })

  it.each([
    ['text', 'Invalid input: expected array, received string'],
    [[null], '0: Invalid input: expected object, received null'],
    [[{ id: 'good' }, { id: 7 }], '1: id: Invalid input: expected string, received number'],
    [[{ id: 'good', aliases: 'better' }], '0: aliases: Invalid input: expected array, received string'],
  ])('keeps the last list where a plugin gives none, and says whose fault that is: %j', async (given, fault) => {
    const faults: unknown[] = []
    const silent = () => {}
    const error = (text: string, fields?: unknown) => void faults.push([text, fields])
    const setup = setUp(undefined, [], { logger: { error, warn: silent, info: silent, debug: silent } })
    await setup.lists.refresh(setup.provider)
    now += 7 * HOUR
    answer = () => Promise.resolve(given as unknown as ModelInfo[])
    await setup.lists.refresh(setup.provider)
    expect(ids(setup)).toEqual(['live'])
    const part = '`listModels`'
    const owner = 'provider "one"'
    expect(faults).toEqual([
      ['a plugin failed', { part, owner, fault: `The ${part} of ${owner} gave no list of models (${fault}).` }],
    ])
  })

  it('takes a list from the cache, and not that of another account', async () => {
    const storage = createStorage()
    const first = setUp(new ModelCache(storage))
    await first.lists.refresh(first.provider)
    const second = setUp(new ModelCache(storage))
    await second.lists.refresh(second.provider)
    expect(second.asked).toEqual([])
    expect(ids(second)).toEqual(['live'])
    expect(JSON.stringify(await storage.getItem('models:one.json'))).not.toContain('sk-secret')

    credential = { kind: 'api_key', account: 'other', key: new Secret('sk-other') }
    const third = setUp(new ModelCache(storage))
    answer = () => Promise.resolve([{ id: 'theirs' }])
    await third.lists.refresh(third.provider)
    expect(ids(third)).toEqual(['theirs'])
  })
})

describe('a list of all that an account may use', () => {
  const other = () => (credential = { kind: 'api_key', account: 'other', key: new Secret('sk-other') })
  const setUpWhole = (storage = createStorage()) =>
    setUp(new ModelCache(storage), [{ id: 'static' }], { listsAll: true })

  it('takes what it lacks from what is offered, once it is there', async () => {
    const setup = setUpWhole()
    expect(ids(setup)).toEqual(['static'])
    await setup.lists.refresh(setup.provider)
    expect(ids(setup)).toEqual(['live'])
    expect(setup.registry.candidates('one/static')[0].model).toBe('static')
  })

  it('takes nothing where there is another account, whenever that comes and goes', async () => {
    const setup = setUpWhole()
    alone = false
    await setup.lists.refresh(setup.provider)
    expect(ids(setup)).toEqual(['static', 'live'])
    alone = true
    await setup.lists.refresh(setup.provider)
    expect(ids(setup)).toEqual(['live'])
    alone = false
    await setup.lists.refresh(setup.provider)
    expect(ids(setup)).toEqual(['static', 'live'])
    expect(setup.asked).toHaveLength(1)
  })

  it('takes nothing where it could not be had again, until it can', async () => {
    const setup = setUpWhole()
    await setup.lists.refresh(setup.provider)
    now += 7 * HOUR
    answer = () => Promise.reject(new Error('offline'))
    await setup.lists.refresh(setup.provider)
    expect(ids(setup)).toEqual(['static', 'live'])
    await setup.lists.refresh(setup.provider)
    expect(ids(setup)).toEqual(['static', 'live'])
    now += 60_000
    answer = () => Promise.resolve([{ id: 'back' }])
    await setup.lists.refresh(setup.provider)
    expect(ids(setup)).toEqual(['back'])
  })

  it('is one of this account: that of the one before takes nothing', async () => {
    const setup = setUpWhole()
    await setup.lists.refresh(setup.provider)
    other()
    answer = () => Promise.reject(new Error('offline'))
    await setup.lists.refresh(setup.provider)
    expect(ids(setup)).toEqual(['static', 'live'])
  })

  it('counts from the cache too', async () => {
    const storage = createStorage()
    const first = setUpWhole(storage)
    await first.lists.refresh(first.provider)
    const second = setUpWhole(storage)
    await second.lists.refresh(second.provider)
    expect(second.asked).toEqual([])
    expect(ids(second)).toEqual(['live'])
  })

  it('is asked for anew where it lacks what a client wants, but once a minute', async () => {
    const setup = setUpWhole()
    await setup.lists.refresh(setup.provider)
    await setup.lists.renew(setup.provider)
    expect(setup.asked).toHaveLength(1)
    now += 60_000
    answer = () => Promise.resolve([{ id: 'static' }])
    await setup.lists.renew(setup.provider)
    expect(ids(setup)).toEqual(['static'])
  })
})

describe('lists in files', () => {
  let folder: string
  const fileModelCache = (base: string) => new ModelCache(createStorage({ driver: fileDriver(base) }))

  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'byok-cache-'))))
  afterEach(() => rm(folder, { recursive: true, force: true }))

  const entry = {
    source: 'me@',
    fetchedAt: 1,
    models: [
      { id: 'a', capabilities: { vision: true }, endpoints: ['/x'] },
      { id: 'b', shutdownDate: '2027-01-01', replacement: 'a', credential: 'oauth' as const },
    ],
  }

  it('keeps lists over restarts', async () => {
    expect(await fileModelCache(folder).set('one', entry)).toBe(true)
    expect(await fileModelCache(folder).get('one')).toEqual(entry)
    expect(await fileModelCache(folder).get('two')).toBeUndefined()
  })

  it('takes a broken file for none', async () => {
    await fileModelCache(folder).set('one', entry)
    const [name = ''] = await readdir(join(folder, 'models'))
    for (const text of ['{"source":', '{}', '{"source":"me@","fetchedAt":1,"models":[{}]}', '']) {
      await writeFile(join(folder, 'models', name), text)
      expect(await fileModelCache(folder).get('one')).toBeUndefined()
    }
  })

  it('does without where it cannot write', async () => {
    await writeFile(join(folder, 'file'), '')
    expect(await fileModelCache(join(folder, 'file')).set('one', entry)).toBe(false)
  })
})
