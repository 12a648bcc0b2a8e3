import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createStorage } from 'unstorage'
import type { Storage } from 'unstorage'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { fileDriver } from '../../../src/core/cache/cache.ts'
import { ChatError } from '../../../src/core/chat/index.ts'
import type { Account } from '../../../src/core/routing/account.ts'
import { CircuitStore } from '../../../src/core/routing/circuit-store.ts'
import { Circuits } from '../../../src/core/routing/circuits.ts'

const coolDown = { min: 10_000, max: 60_000 }
const spent = (retryAfter = 60) => new ChatError('spent', { status: 429, retryAfter })

const account = (name = 'a', fingerprint = name) =>
  ({ provider: { name: 'acme' }, model: 'm', credential: { kind: 'api_key', account: name }, fingerprint }) as Account

const login = (fingerprint: string) =>
  ({ provider: { name: 'acme' }, model: 'm', credential: { kind: 'oauth', account: 'a' }, fingerprint }) as Account

async function makeFolder() {
  const folder = await mkdtemp(join(tmpdir(), 'byok-circuits-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** What one process has of a storage. */
function process(storage: Storage, shared = true) {
  const store = new CircuitStore(storage, { shared })
  const circuits = new Circuits(Date.now, (key, circuit) => store.write(key, circuit))
  return {
    circuits,
    store,
    fail: (name: string, retryAfter?: number) =>
      circuits.begin(account(name)).fail(spent(retryAfter), 'spent', coolDown),
    state: (name: string) => circuits.of(account(name)).state,
    look: async () => {
      const changes = await store.look()
      if (changes) circuits.merge(changes)
      return changes !== undefined
    },
  }
}

describe('over restarts', () => {
  const open = (folder: string) => process(createStorage({ driver: fileDriver(folder) }), false)

  it('who rests is kept', async () => {
    const folder = await makeFolder()
    const before = open(folder)
    before.fail('a')
    before.fail('b')
    before.fail('c')
    before.circuits.begin(account('c')).succeed()
    await before.store.close()
    const after = open(folder)
    after.circuits.merge({ circuits: await after.store.read() })
    expect(['a', 'b', 'c'].map(after.state)).toEqual(['open', 'open', 'closed'])
    expect(after.circuits.of(account('a', 'changed')).state).toBe('closed')
  })

  it('a file that is damaged, or a folder that cannot be, is as good as none', async () => {
    const folder = await makeFolder()
    const before = open(folder)
    before.fail('a')
    before.fail('b')
    await before.store.close()
    const [one = ''] = await readdir(join(folder, 'circuits'))
    await writeFile(join(folder, 'circuits', one), (await readFile(join(folder, 'circuits', one), 'utf8')).slice(0, 20))
    expect(await open(folder).store.read()).toHaveLength(1)

    const nowhere = open('/dev/null/nowhere')
    expect(await nowhere.store.read()).toEqual([])
    nowhere.fail('a')
    await nowhere.store.close()
    expect(nowhere.state('a')).toBe('open')
  })

  it('what an older byok kept under another name is forgotten', async () => {
    const storage = createStorage()
    const before = process(storage)
    before.fail('a')
    await before.store.close()
    const [name = ''] = (await storage.getKeys('circuits')).filter((one) => !one.endsWith('revision'))
    await storage.setItem('circuits:older', await storage.getItem(name))
    expect(await new CircuitStore(storage).read()).toHaveLength(1)
    expect(await storage.getKeys('circuits')).not.toContain('circuits:older')
  })

  it('what was over a day ago is forgotten', async () => {
    const storage = createStorage()
    const before = process(storage)
    before.fail('a', 1)
    before.fail('b', 3600)
    await before.store.close()
    vi.useFakeTimers({ now: Date.now() + 24 * 3_600_000 + 2000 })
    onTestFinished(() => void vi.useRealTimers())
    expect((await new CircuitStore(storage).read()).map((circuit) => circuit.account)).toEqual(['b'])
    expect(await storage.getKeys('circuits')).toHaveLength(2)
  })
})

describe('processes that share a storage', () => {
  it('learn of each other, and overwrite nothing', async () => {
    const storage = createStorage()
    const [one, two] = [process(storage), process(storage)]
    one.fail('a')
    two.fail('b')
    await one.store.close()
    await two.store.close()
    await one.look()
    await two.look()
    for (const { state } of [one, two]) expect([state('a'), state('b')]).toEqual(['open', 'open'])
    // The one tries and succeeds; the other need not try.
    one.circuits.begin(account('b')).succeed()
    await one.store.close()
    await two.look()
    expect([two.state('a'), two.state('b')]).toEqual(['open', 'closed'])
  })

  it('read no more than one item while nothing changes', async () => {
    const storage = createStorage()
    const one = process(storage)
    one.fail('a')
    await one.store.close()
    await one.look()
    const getKeys = vi.spyOn(storage, 'getKeys')
    expect(await one.look()).toBe(false)
    expect(getKeys).not.toHaveBeenCalled()
  })

  it('keep what they found out while it is being written', async () => {
    const storage = createStorage()
    const [one, two] = [process(storage), process(storage)]
    one.fail('a', 60)
    await one.store.close()
    await two.look()
    // Two's own word comes while it looks, before it is written.
    const setItem = storage.setItem.bind(storage)
    let release = () => {}
    const held = new Promise<void>((resolve) => (release = resolve))
    vi.spyOn(storage, 'setItem').mockImplementation(async (...args) => {
      await held
      await setItem(...args)
    })
    two.circuits.begin(account('a')).succeed()
    two.fail('c', 3600)
    const looked = two.look()
    release()
    await looked
    expect([two.state('a'), two.state('c')]).toEqual(['closed', 'open'])
    await two.store.close()
    await one.look()
    expect([one.state('a'), one.state('c')]).toEqual(['closed', 'open'])
  })

  it('look by themselves, and miss nothing when the storage fails for a while', async () => {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    const storage = createStorage()
    const [one, two] = [process(storage), process(storage)]
    two.store.watch((changes) => two.circuits.merge(changes))
    const failing = vi.spyOn(storage, 'getKeys').mockRejectedValueOnce(new Error('gone'))
    one.fail('a')
    await one.store.close()
    await vi.advanceTimersByTimeAsync(1000)
    expect(failing).toHaveBeenCalledOnce()
    expect(two.state('a')).toBe('closed')
    await vi.advanceTimersByTimeAsync(1000)
    expect(two.state('a')).toBe('open')
    await two.store.close()
  })

  it('do not forget a rest because a login was renewed elsewhere', async () => {
    const storage = createStorage()
    const [one, two] = [process(storage), process(storage)]
    one.circuits.begin(login('f')).fail(spent(), 'spent', coolDown)
    await one.store.close()
    await two.look()
    one.circuits.renewed(login('f'), 'renewed')
    await one.store.close()
    // Two has the new login already, and not the news that it rests too.
    expect(two.circuits.of(login('renewed')).state).toBe('closed')
    await two.look()
    expect(two.circuits.of(login('renewed')).state).toBe('open')
  })
})
