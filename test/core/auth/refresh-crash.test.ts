import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { openTokenStore } from '../../../src/core/store/index.ts'
import type { RefreshStep } from '../../../src/core/auth/token-manager.ts'
import { compile } from '../../helpers/compile.ts'
import { startCodexTokens } from '../../upstreams/auth/vendors.ts'
import { makeDirectory } from '../store/support.ts'
import { putExpired } from './manager-support.ts'

const STEPS: RefreshStep[] = ['lease', 'read', 'ask', 'kept', 'answered', 'stored', 'released']

vi.setConfig({ testTimeout: 90_000 })

let child: string
beforeAll(async () => {
  const { folder, remove } = await compile(['test/core/auth/refresh-child.ts'])
  child = join(folder, 'refresh-child.js')
  return remove
})

async function setUp(rotation: 'strict' | 'graceful') {
  const server = await startCodexTokens(rotation)
  onTestFinished(() => server.close())
  const path = join(await makeDirectory(), 'tokens.db')
  const store = await openTokenStore({ path, keychain: false })
  await putExpired(store, server.grant())
  await store.close()
  return { server, path }
}

/** A lease that on a busy machine does not run out. */
const LONG_LEASE_MS = 15_000
/** Those of one that dies, which the next has to outwait: the first that did not run out before. */
const LEASES_MS = [600, 3000, LONG_LEASE_MS]

/** What a process prints that refreshes the login, and how it ended. */
async function refreshIn(path: string, tokenUrl: string, dieAt = '', leaseMs = LONG_LEASE_MS) {
  const args = [child, path, tokenUrl, dieAt, String(leaseMs)]
  const running = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let printed = ''
  running.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text
  })
  const [code, signal] = (await once(running, 'close')) as [number | null, string | null]
  return { printed: printed.trim(), ended: code ?? signal }
}

/** What a process leaves that was killed at a step of its refresh. */
async function killedAt(step: string, rotation: 'strict' | 'graceful') {
  const ends: unknown[] = []
  for (const leaseMs of LEASES_MS) {
    const { server, path } = await setUp(rotation)
    const { ended } = await refreshIn(path, server.tokenUrl, step, leaseMs)
    if (ended === 'SIGKILL') return { server, path }
    ends.push(ended)
  }
  throw new Error(`It was killed with no lease, but ended with ${ends.join(', ')}.`)
}

async function accountIn(path: string) {
  const store = await openTokenStore({ path, keychain: false })
  try {
    return (await store.list())[0]
  } finally {
    await store.close()
  }
}

describe('a process killed in the middle of a refresh', () => {
  it.each(STEPS)('leaves a login that the next process can use, though old tokens die at once: %s', async (step) => {
    const { server, path } = await killedAt(step, 'strict')
    expect(await accountIn(path)).toMatchObject({ account: 'ann', state: 'ok' })
    const { printed, ended } = await refreshIn(path, server.tokenUrl)
    expect(ended).toBe(0)
    expect(printed).toMatch(/^token secret-access-/)
    expect(server.knows(printed.slice('token '.length))).toBe(true)
    expect(await accountIn(path)).toMatchObject({ account: 'ann', state: 'ok', metadata: { account_id: 'before' } })
  })

  it('goes on where it died with the answer in hand, if the provider takes the old token again', async () => {
    const { server, path } = await killedAt('received', 'graceful')
    const { printed } = await refreshIn(path, server.tokenUrl)
    expect(server.knows(printed.slice('token '.length))).toBe(true)
    expect(await accountIn(path)).toMatchObject({ account: 'ann', state: 'ok' })
  })

  it('keeps the account, and says that it needs a login, where the provider does not', async () => {
    const { server, path } = await killedAt('received', 'strict')
    expect((await refreshIn(path, server.tokenUrl)).printed).toBe('login_required')
    expect(await accountIn(path)).toMatchObject({ account: 'ann', state: 'needs_login', reason: 'invalid_grant' })
  })
})

it('is refreshed once by four processes at a time', async () => {
  const { server, path } = await setUp('strict')
  const all = await Promise.all(Array.from({ length: 4 }, () => refreshIn(path, server.tokenUrl)))
  expect(server.refreshes()).toBe(1)
  expect(new Set(all.map(({ printed }) => printed)).size).toBe(1)
  expect(all[0]?.printed).toMatch(/^token secret-access-/)
})
