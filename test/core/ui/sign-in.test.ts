import { expect, it, onTestFinished } from 'vitest'
import { createStorage } from 'unstorage'
import { Mailbox } from '../../../src/core/ui/mailbox.ts'
import { startCodex, startKimi, startQwen } from '../../upstreams/auth/vendors.ts'
import { eventsOf, startPage } from './page-support.ts'

/** What comes of a sign-in, event by event, and all of it as text. */
function steps(response: Response) {
  const events = eventsOf(response)
  let all = ''
  const until = async (name: string) => {
    for (;;) {
      const { value } = await events.next()
      if (!value) throw new Error(`the answer ended before ${name}: ${all}`)
      all += value.text
      if (value.event === name) return value.data
      if (value.event === 'failed') throw new Error(value.text)
    }
  }
  return { until, all: () => all, rest: async () => await events.next() }
}

const configOf = (provider: string, settings: object) =>
  JSON.stringify({ port: 0, providers: { [provider]: settings } })

async function startWithCodex() {
  const { server, settings } = await startCodex()
  onTestFinished(() => server.close())
  return { server, page: await startPage(configOf('codex', settings)) }
}

it('signs in with the browser, which comes back to byok; no token is told, and signing out forgets it', async () => {
  const { server, page } = await startWithCodex()
  const signIn = steps(await page.send('sign-in', { provider: 'codex', account: 'work' }))
  const { url } = await signIn.until('url')
  const back = await fetch(url)
  expect(await back.text()).toContain('Signed in to')
  expect(await signIn.until('done')).toEqual({ account: 'work' })
  expect(await signIn.rest()).toEqual({ done: true, value: undefined })
  expect(server.faults).toEqual([])
  for (const secret of server.secrets) expect(signIn.all()).not.toContain(secret)

  const events = eventsOf(await page.get('events'))
  const { value } = await events.next()
  expect(value?.data.accounts).toMatchObject([{ provider: 'codex', account: 'work', kind: 'oauth', removable: true }])
  for (const secret of server.secrets) expect(value?.text).not.toContain(secret)
  const login = { provider: 'codex', account: 'work', kind: 'oauth' }
  expect((await page.send('sign-out', login)).status).toBe(200)
  expect(await page.store.list()).toEqual([])
  expect((await page.send('sign-out', login)).status).toBe(400)
})

it('signs in by the address that a browser elsewhere ended at, and says what is wrong with another text', async () => {
  const { page } = await startWithCodex()
  const signIn = steps(await page.send('sign-in', { provider: 'codex' }))
  const { id, url } = await signIn.until('url')
  expect(await signIn.until('ask')).toEqual({})
  const redirected = (await fetch(url, { redirect: 'manual' })).headers.get('location') ?? ''
  expect((await page.send('sign-in/redirect', { id, text: 'nonsense' })).status).toBe(200)
  expect(await signIn.until('ask')).toMatchObject({ problem: expect.stringContaining('not from this login') })
  expect((await page.send('sign-in/redirect', { id, text: redirected })).status).toBe(200)
  expect(await signIn.until('done')).toEqual({ account: 'bob@example.com' })
  const late = await page.send('sign-in/redirect', { id, text: redirected })
  expect(late.status).toBe(400)
  expect(await late.text()).not.toContain(redirected)
})

it('says first that a login has ended', async () => {
  const { server, settings } = await startQwen()
  onTestFinished(() => server.close())
  const page = await startPage(configOf('qwen', settings))
  const signIn = steps(await page.send('sign-in', { provider: 'qwen' }))
  expect(await signIn.until('note')).toEqual({ text: expect.stringContaining('ended what this login gave') })
  await signIn.until('code')
  server.approve()
  await signIn.until('done')
})

it('signs in with a device code', async () => {
  const { server, settings } = await startKimi()
  onTestFinished(() => server.close())
  const page = await startPage(configOf('kimi', settings))
  const signIn = steps(await page.send('sign-in', { provider: 'kimi' }))
  expect(await signIn.until('code')).toMatchObject({ userCode: server.userCode, url: expect.any(String) })
  server.approve()
  await signIn.until('done')
  expect(await page.store.list()).toMatchObject([{ provider: 'kimi' }])
  expect(server.faults).toEqual([])
  for (const secret of server.secrets) expect(signIn.all()).not.toContain(secret)
})

it('what the provider refuses is said in words', async () => {
  const { server, page } = await startWithCodex()
  server.refuse('access_denied', 'The person said no')
  const signIn = steps(await page.send('sign-in', { provider: 'codex' }))
  await fetch((await signIn.until('url')).url)
  await expect(signIn.until('done')).rejects.toThrow(/The person said no/)
})

it('a page that is closed ends its sign-in, so that its port is free; a second one takes the place of the first', async () => {
  const { page } = await startWithCodex()
  const closed = new AbortController()
  const first = steps(await page.send('sign-in', { provider: 'codex' }, 'POST', { signal: closed.signal }))
  const portOf = (url: string) => new URL(new URL(url).searchParams.get('redirect_uri') ?? '').port
  const port = portOf((await first.until('url')).url)
  closed.abort()
  await expect.poll(() => fetch(`http://127.0.0.1:${port}/`).catch(() => 'free')).toBe('free')

  const second = steps(await page.send('sign-in', { provider: 'codex' }))
  await second.until('url')
  const third = steps(await page.send('sign-in', { provider: 'codex' }))
  await expect(second.until('done')).rejects.toThrow(/took the place/)
  await third.until('url')
})

it('refuses what it has no login for', async () => {
  const page = await startPage('port: 0\n')
  for (const provider of ['nobody', 'openai-compatible']) {
    expect((await page.send('sign-in', { provider })).status).toBe(400)
  }
})

it('an address that is pasted at another worker reaches the one that waits', async () => {
  const shared = createStorage()
  const [waits, asked] = [new Mailbox(shared), new Mailbox(shared)]
  expect(await asked.leave('one', 'early')).toBe(false)
  await waits.open('one')
  const done = new AbortController()
  const next = waits.next('one', done.signal)
  expect(await asked.leave('one', 'http://localhost/?code=x')).toBe(true)
  expect(await next).toBe('http://localhost/?code=x')
  expect(await shared.getKeys()).toEqual([])
  done.abort()
  expect(await waits.next('one', done.signal)).toBeUndefined()
})
