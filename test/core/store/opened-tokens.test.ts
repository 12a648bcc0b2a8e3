import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Secret } from '../../../src/core/secrets/secret.ts'
import { OpenedTokens } from '../../../src/core/store/opened-tokens.ts'
import type { AccountTokens } from '../../../src/core/store/index.ts'
import { damageLogin, login, makeDirectory, openStore } from './support.ts'

/** Gives tokens, and counts how often it is asked. */
function opener(access: string) {
  let times = 0
  const open = (): AccountTokens => {
    times++
    return { accessToken: new Secret(access), extra: { more: new Secret(`more of ${access}`) } }
  }
  return { open, times: () => times }
}

const ann = { provider: 'claude', account: 'ann', secret: 'v1.a' }

describe('opened tokens', () => {
  it('are opened once, and anew where they were sealed anew', () => {
    const opened = new OpenedTokens()
    const first = opener('one')
    const second = opener('two')
    opened.of(ann, first.open)
    expect(opened.of(ann, first.open).accessToken.reveal()).toBe('one')
    expect(first.times()).toBe(1)
    expect(opened.of({ ...ann, secret: 'v1.b' }, second.open).accessToken.reveal()).toBe('two')
  })

  it('are kept apart by provider and account', () => {
    const opened = new OpenedTokens()
    opened.of({ provider: 'a', account: 'b c', secret: 'v1.a' }, opener('one').open)
    const other = { provider: 'a b', account: 'c', secret: 'v1.a' }
    expect(opened.of(other, opener('two').open).accessToken.reveal()).toBe('two')
  })

  it('are given as copies', () => {
    const opened = new OpenedTokens()
    const { open } = opener('one')
    const given = opened.of(ann, open)
    given.accessToken = new Secret('changed')
    Object.assign(given.extra ?? {}, { more: new Secret('changed') })
    const again = opened.of(ann, open)
    expect([again.accessToken.reveal(), again.extra?.['more']?.reveal()]).toEqual(['one', 'more of one'])
  })

  it('are forgotten with their account', () => {
    const opened = new OpenedTokens()
    const { open, times } = opener('one')
    opened.of(ann, open)
    opened.of({ ...ann, account: 'bob' }, open)
    opened.keep([ann])
    opened.of(ann, open)
    expect(times()).toBe(2)
    opened.of({ ...ann, account: 'bob' }, open)
    expect(times()).toBe(3)
  })
})

describe('a store that has opened tokens', () => {
  it('gives those that another process stored since', async () => {
    const path = join(await makeDirectory(), 'tokens.db')
    const store = await openStore({ path })
    const other = await openStore({ path })
    await store.put(login('ann'))
    await store.list()
    await other.put(login('ann', { tokens: { accessToken: new Secret('newer-access') } }))
    const [record] = await store.list()
    expect(record?.tokens.accessToken.reveal()).toBe('newer-access')
    expect(record?.tokens.refreshToken).toBeUndefined()
  })

  it('finds out that they were damaged since', async () => {
    const path = join(await makeDirectory(), 'tokens.db')
    const store = await openStore({ path })
    await store.put(login('ann'))
    await store.list()
    await damageLogin(path, 'ann')
    expect(await store.list()).toMatchObject([{ account: 'ann', state: 'needs_login', reason: 'damaged' }])
  })
})
