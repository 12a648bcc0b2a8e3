import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import express from 'express'
import { H3 } from 'h3'
import { toNodeHandler } from 'h3/node'
import { expect, it, onTestFinished } from 'vitest'
import { middleware } from '../../../src/adapters/middleware.ts'
import { listen } from '../../../src/adapters/listen.ts'
import { createByok } from '../../../src/index.ts'
import type { Byok } from '../../../src/index.ts'
import { createIsolatedByok } from '../../helpers/isolated-byok.ts'
import { startPage } from '../ui/page-support.ts'

const FILES = ['/ui', '/ui/app.js', '/ui/app.css']

/** The addresses that an HTML page names. */
const addressesIn = (html: string) => [...html.matchAll(/\b(?:src|href)="([^"]*)"/g)].map(([, address = '']) => address)

it('the page comes alone: nothing from elsewhere, nobody frames it, and no other site learns of it', async () => {
  const { url } = await startPage('port: 0\n')
  for (const path of FILES) {
    const { status, headers } = await fetch(url + path)
    expect(status).toBe(200)
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('referrer-policy')).toBe('no-referrer')
    expect(headers.get('x-frame-options')).toBe('DENY')
    const csp = headers.get('content-security-policy') ?? ''
    expect(csp).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';/)
    expect(csp).toContain("frame-ancestors 'none'")
    expect(csp).not.toMatch(/unsafe|https?:|\*/)
  }
  const html = await (await fetch(`${url}/ui`)).text()
  const addresses = addressesIn(html).filter((address) => !address.startsWith('data:'))
  expect(addresses).toEqual(expect.arrayContaining(['ui/app.js', 'ui/app.css']))
  // Relative all of them, so that it works wherever byok is mounted; and nothing in it that the policy would refuse.
  for (const address of addresses) expect(address).not.toMatch(/^(?:\/|[a-z]+:)/)
  expect(html).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\bstyle=|\bon[a-z]+=/)
})

it('is sent again only when it changed', async () => {
  const { url } = await startPage('port: 0\n')
  for (const path of FILES) {
    const first = await fetch(url + path)
    const etag = first.headers.get('etag') ?? ''
    expect(etag).toMatch(/^"[\w-]{20}"$/)
    const again = await fetch(url + path, { headers: { 'if-none-match': etag } })
    expect([again.status, await again.text()]).toEqual([304, ''])
    expect((await fetch(url + path, { headers: { 'if-none-match': '"other"' } })).status).toBe(200)
    const head = await fetch(url + path, { method: 'HEAD' })
    expect([head.status, await head.text(), head.headers.get('etag')]).toEqual([200, '', etag])
  }
  const slash = await fetch(`${url}/ui/`, { redirect: 'manual' })
  expect([slash.status, slash.headers.get('location')]).toEqual([308, '../ui'])
})

it('opening it on this machine is a session, which a second opening keeps', async () => {
  const { url } = await startPage('port: 0\n')
  const opened = await fetch(`${url}/ui`)
  const cookie = opened.headers.get('set-cookie')?.split(';')[0] ?? ''
  expect(cookie).toMatch(/^byok_admin=/)
  const headers = { cookie, 'sec-fetch-site': 'same-origin' }
  expect((await fetch(`${url}/ui/api/config`, { headers })).status).toBe(200)
  expect((await fetch(`${url}/ui`, { headers })).headers.get('set-cookie')).toBeNull()
})

it('a page of another origin gets nothing: no session, no answer, no change', async () => {
  const { url, cookie } = await startPage('port: 0\n')
  const strangers: Record<string, string>[] = [
    { origin: 'https://evil.example' },
    { origin: 'http://localhost:3000' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
  ]
  for (const headers of strangers) {
    const opened = await fetch(`${url}/ui/api/session`, { method: 'POST', headers })
    expect([opened.status, opened.headers.get('set-cookie')], JSON.stringify(headers)).toEqual([403, null])
    expect((await fetch(`${url}/ui`, { headers })).headers.get('set-cookie')).toBeNull()
    expect((await fetch(`${url}/ui/api/config`, { headers: { ...headers, cookie } })).status).toBe(403)
    const change = { method: 'POST', body: '{"provider":"claude","key":"x"}', headers: { ...headers, cookie } }
    expect((await fetch(`${url}/ui/api/keys`, change)).status).toBe(403)
  }
  // Nor does byok tell browsers that other origins may read what the page reads.
  const { headers } = await fetch(`${url}/ui/api/config`, { headers: { cookie, 'sec-fetch-site': 'same-origin' } })
  expect(headers.get('access-control-allow-origin')).toBeNull()
  expect(headers.get('cache-control')).toBe('no-store')
})

it('where clients need keys, the page opens without a session and asks for one that administers', async () => {
  const keys = 'server: { keys: [{ key: root, label: root, admin: true }, { key: chat, label: chat }] }\n'
  const { byok, url, file } = await startPage(`port: 0\n${keys}`)
  const opened = await fetch(`${url}/ui`)
  expect([opened.status, opened.headers.get('set-cookie')]).toEqual([200, null])
  const config = (headers: Record<string, string>) => fetch(`${url}/ui/api/config`, { headers })
  expect((await config({})).status).toBe(403)
  // A key for chats is none for byok itself, not even without the page.
  expect((await config({ authorization: 'Bearer chat' })).status).toBe(403)
  expect((await config({ authorization: 'Bearer root' })).status).toBe(200)
  const session = await fetch(`${url}/ui/api/session`, { method: 'POST', headers: { authorization: 'Bearer root' } })
  const own = { cookie: session.headers.get('set-cookie')?.split(';')[0] ?? '', 'sec-fetch-site': 'same-origin' }
  expect((await config(own)).status).toBe(200)
  // It ends with its key, and another of the same name does not bring it back.
  await writeFile(file, `port: 0\n${keys.replace('key: root', 'key: changed')}`)
  await byok.reload()
  expect((await config(own)).status).toBe(403)
})

/** A host that has a byok below `/ai`. */
async function mounted(host: (byok: Byok) => RequestListener) {
  const byok = await createIsolatedByok()
  onTestFinished(() => byok.close())
  const server = createServer(host(byok)).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await new Promise((resolve) => server.once('listening', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/ai/ui`
}

it.each<[string, (byok: Byok) => RequestListener]>([
  ['Express', (byok) => express().use('/ai', middleware(byok))],
  ['h3', (byok) => toNodeHandler(new H3().mount('/ai', byok.app))],
])('works below a path of %s', async (_, host) => {
  const url = await mounted(host)
  const page = await fetch(url)
  for (const address of addressesIn(await page.text())) {
    if (!address.startsWith('data:')) expect((await fetch(new URL(address, url))).status).toBe(200)
  }
  const cookie = page.headers.get('set-cookie')?.split(';')[0] ?? ''
  const headers = { cookie, 'sec-fetch-site': 'same-origin' }
  expect((await fetch(new URL('ui/api/config', url), { headers })).status).toBe(200)
  const origin = { cookie, origin: new URL(url).origin }
  const change = await fetch(new URL('ui/api/config/check', url), { method: 'POST', body: '{}', headers: origin })
  expect(change.status).toBe(400)
  const slash = await fetch(`${url}/`)
  expect([slash.status, slash.url]).toEqual([200, url])
})

it('is the host’s own path where byok is at the host’s root', async () => {
  const byok = await createIsolatedByok()
  onTestFinished(() => byok.close())
  expect([byok.serves('/ui'), byok.serves('/v1/models')]).toEqual([false, true])
})

it('a session is good at every process of one home, restarted ones too; its key is the owner’s alone', async () => {
  const home = await mkdtemp(join(tmpdir(), 'byok-ui-'))
  onTestFinished(() => rm(home, { recursive: true, force: true }))
  const startHere = async () => {
    const byok = await createByok({
      configFiles: false,
      env: { HOME: home },
      log: { level: 'silent' },
      db: join(home, 'own', 'byok.db'),
    })
    onTestFinished(() => byok.close())
    const server = await listen(byok, { port: 0 })
    onTestFinished(() => server.close())
    return new URL(server.url).origin
  }
  const [one, other] = [await startHere(), await startHere()]
  const cookie = (await fetch(`${one}/ui`)).headers.get('set-cookie')?.split(';')[0] ?? ''
  const headers = { cookie, 'sec-fetch-site': 'same-origin' }
  for (const url of [one, other, await startHere()]) {
    expect((await fetch(`${url}/ui/api/models`, { headers })).status).toBe(200)
  }
  expect((await stat(join(home, 'own', 'session-key'))).mode & 0o777).toBe(0o600)
})
