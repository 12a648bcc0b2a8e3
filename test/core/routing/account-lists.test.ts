import { describe, expect, it, vi } from 'vitest'
import type { Provider } from '../../../src/core/registry.ts'
import { AccountLists } from '../../../src/core/routing/account-lists.ts'
import { homeOf } from '../../../src/core/routing/account.ts'
import { AccountList } from '../../../src/core/routing/account-list.ts'
import { Secret } from '../../../src/core/secrets/secret.ts'
import { createMemoryTokenStore, StoreError } from '../../../src/core/store/index.ts'
import { login } from '../store/support.ts'
import { accountOf } from './accounts.ts'

/** A provider as far as its accounts are concerned. */
function providerOf(name: string, keys: string[], auth: ('api_key' | 'oauth')[] = ['api_key', 'oauth']): Provider {
  const config = {
    weight: 1,
    priority: 0,
    api_keys: keys.map((label) => ({ key: new Secret(`sk-${label}`), label, weight: 1, priority: 0 })),
  }
  const models = new Map([['of-logins', { id: 'of-logins', credential: 'oauth' }]])
  const plugin = { auth: auth.map((kind) => ({ kind })) }
  return { name, title: name, plugin, config, models, unlisted: new Map() } as unknown as Provider
}

const names = ({ all }: AccountList) => all.map(({ credential }) => credential.account).join(' ')

describe('the accounts of a request', () => {
  it('are keys, then logins, of one provider after the other', async () => {
    const store = createMemoryTokenStore()
    await store.put(login('ann'))
    const dead = await store.put(login('zoe'))
    await store.markNeedsLogin('claude', 'zoe', dead.version, 'gone')
    const lists = new AccountLists(store)
    const claude = providerOf('claude', ['a', 'b'])
    const other = providerOf('other', ['c'], ['api_key'])
    const list = await lists.for([
      { provider: claude, model: 'm' },
      { provider: other, model: 'n' },
    ])
    expect(names(list)).toBe('a b ann c')
    expect(list.all.map(({ route, model }) => `${route}${model}`)).toEqual(['0m', '0m', '0m', '1n'])
    expect(names(await lists.for([{ provider: claude, model: 'of-logins' }]))).toBe('ann')
  })

  it('are named by what they are, wherever config has them', async () => {
    const idsOf = async (keys: string[]) => {
      const provider = providerOf('other', [], ['api_key'])
      provider.config.api_keys = keys.map((key) => ({ key: new Secret(key), weight: 1, priority: 0 }))
      const { all } = await new AccountLists(createMemoryTokenStore()).for([{ provider, model: 'm' }])
      return all.map(({ id }) => id)
    }
    const [a, b] = await idsOf(['sk-a', 'sk-b'])
    expect(await idsOf(['sk-b', 'sk-c', 'sk-a'])).toEqual([b, expect.any(String), a])
    expect(a).not.toContain('sk-a')
  })

  it('are the same objects until a login changes, and are not read again', async () => {
    const store = createMemoryTokenStore()
    const listed = vi.spyOn(store, 'list')
    const lists = new AccountLists(store)
    const claude = providerOf('claude', ['a'])
    const other = providerOf('other', ['c'], ['api_key'])
    const ask = () =>
      lists.for([
        { provider: claude, model: 'm' },
        { provider: other, model: 'm' },
      ])
    const first = await ask()
    expect(await ask()).toBe(first)
    await lists.for([{ provider: claude, model: 'another' }])
    expect(listed).toHaveBeenCalledTimes(1)
    const { version } = await store.put(login('ann'))
    const second = await ask()
    expect(names(second)).toBe('a ann c')
    expect(await ask()).toBe(second)
    await store.update('claude', 'ann', version, { tokens: { accessToken: new Secret('renewed') } })
    const [, renewed] = (await ask()).all
    expect(renewed?.credential).toMatchObject({ accessToken: new Secret('renewed') })
    await store.delete('claude', 'ann')
    expect(names(await ask())).toBe('a c')
  })

  it('are those that were known, while the store cannot be read or does not answer', async () => {
    const store = createMemoryTokenStore()
    await store.put(login('ann'))
    const onUnread = vi.fn()
    const lists = new AccountLists(store, onUnread)
    const ask = async (provider: Provider) => names(await lists.for([{ provider, model: 'm' }]))
    const claude = providerOf('claude', ['a'])
    const fault = new StoreError('unavailable', 'it is away')
    const listed = vi.spyOn(store, 'list').mockRejectedValue(fault)
    await expect(ask(claude)).rejects.toBe(fault)
    listed.mockRestore()
    expect(await ask(claude)).toBe('a ann')
    await store.put(login('bob'))
    let answer = () => {}
    const silent = new Promise<[]>((resolve) => (answer = () => resolve([])))
    const failing = vi.spyOn(store, 'list').mockRejectedValueOnce(fault).mockReturnValueOnce(silent)
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    try {
      expect([await ask(claude), await ask(claude)]).toEqual(['a ann', 'a ann'])
      expect(failing).toHaveBeenCalledTimes(1)
      vi.advanceTimersByTime(5000)
      const waiting = ask(claude)
      await vi.advanceTimersByTimeAsync(1000)
      expect(await waiting).toBe('a ann')
      expect(onUnread.mock.calls).toEqual([[fault]])
      vi.advanceTimersByTime(5000)
      expect(await ask(claude)).toBe('a ann bob')
    } finally {
      vi.useRealTimers()
      answer()
    }
  })

  it('are read each time from a store that has no stamp', async () => {
    const { stamp: _, ...methods } = bound(createMemoryTokenStore())
    const lists = new AccountLists(methods)
    const claude = providerOf('claude', [])
    expect(names(await lists.for([{ provider: claude, model: 'm' }]))).toBe('')
    await methods.put(login('ann'))
    expect(names(await lists.for([{ provider: claude, model: 'm' }]))).toBe('ann')
  })
})

describe('the home of a conversation', () => {
  const list = new AccountList([
    accountOf('a', { model: 'big' }),
    accountOf('b', { model: 'big' }),
    accountOf('a', { model: 'small', route: 1 }),
  ])

  it.each([
    ['a', 'big', 'a big'],
    ['a', 'small', 'a small'],
    ['a', 'gone', 'a big'],
    ['c', 'big', undefined],
  ])('%s with %s is found as %s', (id, model, found) => {
    const account = list.find(homeOf({ id, model }))
    expect(account && homeOf(account)).toBe(found)
  })
})

function bound(store: ReturnType<typeof createMemoryTokenStore>) {
  return {
    stamp: () => store.stamp?.(),
    list: (provider?: string) => store.list(provider),
    get: store.get.bind(store),
    put: store.put.bind(store),
    update: store.update.bind(store),
    markNeedsLogin: store.markNeedsLogin.bind(store),
    delete: store.delete.bind(store),
    acquireLease: store.acquireLease.bind(store),
    releaseLease: store.releaseLease.bind(store),
    close: () => store.close(),
  }
}
