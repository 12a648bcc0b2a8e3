import { inspect } from 'node:util'
import { expect, it } from 'vitest'
import { Secret } from '../../../src/core/secrets/secret.ts'
import type { TokenStore } from '../../../src/core/store/index.ts'
import { login } from './support.ts'

/** What every token store does, whatever it keeps accounts in. `open` gives an empty one, closed by itself. */
export function itIsATokenStore(open: () => Promise<TokenStore>): void {
  it('is empty at first', async () => {
    const store = await open()
    expect(await store.list()).toEqual([])
    expect(await store.get('claude', 'ann@example.com')).toBeUndefined()
    expect(await store.delete('claude', 'ann@example.com')).toBe(false)
    expect(await store.update('claude', 'ann@example.com', 1, { expiresAt: 1 })).toBeUndefined()
    expect(await store.markNeedsLogin('claude', 'ann@example.com', 1, 'x')).toBeUndefined()
    expect(await store.acquireLease('claude', 'ann@example.com', 'me', 1000)).toBe(false)
    expect(await store.releaseLease('claude', 'ann@example.com', 'me')).toBe(false)
  })

  it('has another stamp after each change of an account', async () => {
    const store = await open()
    const stamps = [await store.stamp?.()]
    const { version } = await store.put(login('ann@example.com'))
    stamps.push(await store.stamp?.())
    const updated = await store.update('claude', 'ann@example.com', version, { expiresAt: 1 })
    stamps.push(await store.stamp?.())
    await store.markNeedsLogin('claude', 'ann@example.com', updated?.version ?? 0, 'gone')
    stamps.push(await store.stamp?.())
    await store.delete('claude', 'ann@example.com')
    stamps.push(await store.stamp?.())
    expect(new Set(stamps).size).toBe(stamps.length)
  })

  it('gives back what was put', async () => {
    const store = await open()
    const before = Date.now()
    const record = await store.put(
      login('ann@example.com', {
        tokens: {
          accessToken: new Secret('the access token'),
          refreshToken: new Secret('the refresh token'),
          idToken: new Secret('the id token'),
          extra: { client_secret: new Secret('ключ 🔑') },
        },
        expiresAt: 1_900_000_000_123.7,
        metadata: { account_id: 'acc-1', odd: `'"\\ ?$1` },
      }),
    )
    expect(await store.get('claude', 'ann@example.com')).toEqual(record)
    expect(record).toMatchObject({
      provider: 'claude',
      account: 'ann@example.com',
      kind: 'oauth',
      expiresAt: 1_900_000_000_123,
      metadata: { account_id: 'acc-1', odd: `'"\\ ?$1` },
      state: 'ok',
    })
    expect(record.tokens.accessToken.reveal()).toBe('the access token')
    expect(record.tokens.refreshToken?.reveal()).toBe('the refresh token')
    expect(record.tokens.idToken?.reveal()).toBe('the id token')
    expect(record.tokens.extra?.['client_secret']?.reveal()).toBe('ключ 🔑')
    expect(record.createdAt).toBeGreaterThanOrEqual(before)
    expect(record.updatedAt).toBe(record.createdAt)
    expect(Object.keys(record)).not.toContain('reason')
    expect(Object.keys(record)).not.toContain('lease')
    expect(inspect(record, { depth: 9 }) + JSON.stringify(record)).not.toMatch(/token"?: ['"]?the|the access|ключ/)
  })

  it('keeps what is optional absent', async () => {
    const store = await open()
    await store.put(login('ann@example.com', { tokens: { accessToken: new Secret('only') } }))
    const record = await store.get('claude', 'ann@example.com')
    expect(record?.expiresAt).toBeUndefined()
    expect(record?.metadata).toEqual({})
    expect(record?.tokens.refreshToken).toBeUndefined()
    expect(record?.tokens.extra).toBeUndefined()
  })

  it('lists by provider, then in the order accounts were added', async () => {
    const store = await open()
    await store.put(login('zoe'))
    await nextMillisecond()
    await store.put(login('ann'))
    await store.put(login('kim', { provider: 'amp' }))
    await nextMillisecond()
    await store.put(login('zoe'))
    const names = (await store.list()).map((record) => `${record.provider}/${record.account}`)
    expect(names).toEqual(['amp/kim', 'claude/zoe', 'claude/ann'])
    expect((await store.list('claude')).map((record) => record.account)).toEqual(['zoe', 'ann'])
    expect(await store.list('codex')).toEqual([])
  })

  it('keeps apart accounts whose names run together', async () => {
    const store = await open()
    await store.put(login('b/c', { provider: 'a' }))
    await store.put(login('c', { provider: 'a/b' }))
    expect((await store.list()).map((record) => record.account)).toEqual(['b/c', 'c'])
  })

  it('replaces a login of the same name, and keeps when it was first added', async () => {
    const store = await open()
    const first = await store.put(login('ann', { expiresAt: 5, metadata: { a: '1' } }))
    await store.markNeedsLogin('claude', 'ann', first.version, 'invalid_grant')
    await nextMillisecond()
    const second = await store.put(login('ann', { tokens: { accessToken: new Secret('new') } }))
    expect(second.tokens.accessToken.reveal()).toBe('new')
    expect(second.tokens.refreshToken).toBeUndefined()
    expect(second).toMatchObject({ state: 'ok', metadata: {}, createdAt: first.createdAt })
    expect(second.reason).toBeUndefined()
    expect(second.expiresAt).toBeUndefined()
    expect(second.updatedAt).toBeGreaterThan(first.updatedAt)
    expect(await store.list()).toEqual([second])
  })

  it('updates what it is told to and leaves the rest', async () => {
    const store = await open()
    const first = await store.put(login('ann', { expiresAt: 5, metadata: { a: '1' } }))
    const second = await store.update('claude', 'ann', first.version, { expiresAt: 6 })
    expect(second).toMatchObject({ expiresAt: 6, metadata: { a: '1' } })
    expect(second?.tokens.refreshToken?.reveal()).toBe('refresh-of-ann')
    const third = await store.update('claude', 'ann', second?.version ?? 0, {
      tokens: { ...first.tokens, accessToken: new Secret('rotated') },
      expiresAt: null,
      metadata: {},
    })
    expect(third?.expiresAt).toBeUndefined()
    expect(third?.metadata).toEqual({})
    expect(third?.tokens.accessToken.reveal()).toBe('rotated')
    expect(third?.tokens.refreshToken?.reveal()).toBe('refresh-of-ann')
    expect(await store.get('claude', 'ann')).toEqual(third)
  })

  it('refuses an update of a version that is gone, and writes nothing', async () => {
    const store = await open()
    const first = await store.put(login('ann'))
    const won = await store.update('claude', 'ann', first.version, { metadata: { by: 'one' } })
    expect(await store.update('claude', 'ann', first.version, { metadata: { by: 'two' } })).toBeUndefined()
    expect(await store.markNeedsLogin('claude', 'ann', first.version, 'late')).toBeUndefined()
    expect(await store.get('claude', 'ann')).toEqual(won)
  })

  it('lets exactly one of many updates of a version through', async () => {
    const store = await open()
    const { version } = await store.put(login('ann'))
    const tries = Array.from({ length: 20 }, (_, by) =>
      store.update('claude', 'ann', version, { metadata: { by: String(by) } }),
    )
    const won = (await Promise.all(tries)).filter((record) => record !== undefined)
    expect(won).toHaveLength(1)
    expect(await store.get('claude', 'ann')).toEqual(won[0])
  })

  it('does not take an update meant for an account that was deleted and added again', async () => {
    const store = await open()
    const old = await store.put(login('ann'))
    expect(await store.delete('claude', 'ann')).toBe(true)
    await store.put(login('ann', { tokens: { accessToken: new Secret('of the new login') } }))
    expect(await store.update('claude', 'ann', old.version, { tokens: old.tokens })).toBeUndefined()
    expect((await store.get('claude', 'ann'))?.tokens.accessToken.reveal()).toBe('of the new login')
  })

  it('says why a login is needed until new tokens come', async () => {
    const store = await open()
    const first = await store.put(login('ann'))
    const marked = await store.markNeedsLogin('claude', 'ann', first.version, 'invalid_grant')
    expect(marked).toMatchObject({ state: 'needs_login', reason: 'invalid_grant' })
    const renamed = await store.update('claude', 'ann', marked?.version ?? 0, { metadata: { a: '1' } })
    expect(renamed).toMatchObject({ state: 'needs_login', reason: 'invalid_grant' })
    const renewed = await store.update('claude', 'ann', renamed?.version ?? 0, { tokens: first.tokens })
    expect(renewed?.state).toBe('ok')
    expect(renewed?.reason).toBeUndefined()
  })

  it('deletes one account', async () => {
    const store = await open()
    await store.put(login('ann'))
    await store.put(login('zoe'))
    expect(await store.delete('claude', 'ann')).toBe(true)
    expect(await store.delete('claude', 'ann')).toBe(false)
    expect((await store.list()).map((record) => record.account)).toEqual(['zoe'])
  })

  it('gives a lease to one owner at a time, who may prolong it', async () => {
    const store = await open()
    await store.put(login('ann'))
    await store.put(login('zoe'))
    expect(await store.acquireLease('claude', 'ann', 'one', 60_000)).toBe(true)
    expect(await store.acquireLease('claude', 'ann', 'two', 60_000)).toBe(false)
    expect(await store.acquireLease('claude', 'zoe', 'two', 60_000)).toBe(true)
    const before = (await store.get('claude', 'ann'))?.lease
    expect(before?.owner).toBe('one')
    expect(Math.abs((before?.until ?? 0) - 60_000 - Date.now())).toBeLessThan(10_000)
    expect(await store.acquireLease('claude', 'ann', 'one', 120_000)).toBe(true)
    expect((await store.get('claude', 'ann'))?.lease?.until).toBeGreaterThan((before?.until ?? 0) + 30_000)
    expect(await store.releaseLease('claude', 'ann', 'two')).toBe(false)
    expect(await store.releaseLease('claude', 'ann', 'one')).toBe(true)
    expect((await store.get('claude', 'ann'))?.lease).toBeUndefined()
    expect(await store.acquireLease('claude', 'ann', 'two', 60_000)).toBe(true)
  })

  it('gives a lease on when its time is over', async () => {
    const store = await open()
    await store.put(login('ann'))
    expect(await store.acquireLease('claude', 'ann', 'dead', 400)).toBe(true)
    expect(await store.acquireLease('claude', 'ann', 'next', 60_000)).toBe(false)
    while (!(await store.acquireLease('claude', 'ann', 'next', 60_000))) await nextMillisecond()
    expect(await store.releaseLease('claude', 'ann', 'dead')).toBe(false)
  })

  it('takes a lease for run out that lasts until a day that was today before the clock was set back', async () => {
    const store = await open()
    await store.put(login('ann'))
    expect(await store.acquireLease('claude', 'ann', 'dead', 86_400_000)).toBe(true)
    expect(await store.acquireLease('claude', 'ann', 'next', 60_000)).toBe(true)
    expect(await store.acquireLease('claude', 'ann', 'dead', 60_000)).toBe(false)
  })

  it('leaves the version and a put alone when it leases', async () => {
    const store = await open()
    const { version } = await store.put(login('ann'))
    await store.acquireLease('claude', 'ann', 'one', 60_000)
    expect((await store.get('claude', 'ann'))?.version).toBe(version)
    expect((await store.put(login('ann'))).lease?.owner).toBe('one')
  })

  it.each([
    ['an empty provider', login('ann', { provider: '' })],
    ['an empty account', login('')],
    ['an expiry that is no number', login('ann', { expiresAt: Number.NaN })],
  ])('refuses %s', async (_, account) => {
    const store = await open()
    await expect(store.put(account)).rejects.toMatchObject({ name: 'StoreError', code: 'bad_record' })
    expect(await store.list()).toEqual([])
  })

  it('hands out copies', async () => {
    const store = await open()
    const record = await store.put(login('ann', { metadata: { a: '1' } }))
    record.metadata['a'] = '2'
    record.state = 'needs_login'
    expect(await store.get('claude', 'ann')).toMatchObject({ metadata: { a: '1' }, state: 'ok' })
  })

  it('refuses work once closed, and may be closed twice', async () => {
    const store = await open()
    const last = store.put(login('ann'))
    await store.close()
    expect((await last).account).toBe('ann')
    await store.close()
    for (const call of [() => store.list(), () => store.put(login('ann')), () => store.delete('claude', 'ann')]) {
      await expect(call()).rejects.toMatchObject({ name: 'StoreError', code: 'closed' })
    }
  })
}

/** Until the clock has moved on. */
async function nextMillisecond(): Promise<void> {
  const start = Date.now()
  while (Date.now() === start) await new Promise(setImmediate)
}
