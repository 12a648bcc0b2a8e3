import { describe, expect, it } from 'vitest'
import { ClientKeys } from '../../../src/core/clients/client-keys.ts'
import { configSchema } from '../../../src/core/config/index.ts'
import { guardKey, guardOrigin, isLoopback } from '../../../src/core/routes/guard.ts'

const check =
  (headers: Record<string, string>, config: object = {}) =>
  () => {
    const parsed = configSchema.parse(config)
    guardOrigin(parsed, new Headers(headers))
    return guardKey(new ClientKeys({ config: () => parsed }), new Headers(headers))
  }

describe('Host', () => {
  it.each([
    'localhost',
    'localhost:8018',
    'LOCALHOST',
    '127.0.0.1:8018',
    '127.8.9.1',
    '[::1]:8018',
    'byok.localhost:1',
  ])('takes %s', (host) => expect(check({ host })).not.toThrow())

  it.each([
    'evil.example',
    'evil.example:8018',
    '192.168.1.5',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    '0.0.0.0',
    ' ',
  ])('refuses %j', (host) =>
    expect(check({ host })).toThrow(expect.objectContaining({ status: 403, code: 'host_not_allowed' })),
  )

  it('takes names that config allows, and the configured host', () => {
    expect(check({ host: 'box.lan:8018' }, { server: { allowed_hosts: ['box.lan'] } })).not.toThrow()
    expect(check({ host: '192.168.1.5:8018' }, { host: '192.168.1.5' })).not.toThrow()
    expect(check({ host: 'other.lan' }, { server: { allowed_hosts: ['*'] } })).not.toThrow()
  })

  it('takes any address, and no name more, where it listens beyond loopback', () => {
    const open = { host: '0.0.0.0' }
    for (const host of ['192.168.1.5:8018', '[fe80::1]:8018', '0.0.0.0']) expect(check({ host }, open)).not.toThrow()
    for (const host of ['evil.example:8018', '192.168.1.5.evil.example']) {
      expect(check({ host }, open)).toThrow(expect.objectContaining({ code: 'host_not_allowed' }))
    }
  })

  it('takes a request in process, which has none', () => {
    expect(check({})).not.toThrow()
  })
})

describe('Origin', () => {
  it.each(['http://localhost', 'http://localhost:3000', 'https://127.0.0.1:8443', 'http://[::1]:5173'])(
    'takes %s',
    (origin) => expect(check({ origin })).not.toThrow(),
  )

  it.each(['app://obsidian.md', 'tauri://localhost', 'vscode-webview://1b2c3d', 'vscode-file://vscode-app'])(
    'takes a program made of a browser: %s',
    (origin) => expect(check({ origin })).not.toThrow(),
  )

  it.each([
    'https://app',
    'app',
    'https://evil.example',
    'null',
    'http://localhost.evil.example',
    'file://',
    'chrome-extension://abc',
  ])('refuses %s', (origin) =>
    expect(check({ origin })).toThrow(expect.objectContaining({ status: 403, code: 'origin_not_allowed' })),
  )

  it('takes origins that config allows', () => {
    const server = { allowed_origins: ['chrome-extension://abc'] }
    expect(check({ origin: 'chrome-extension://abc' }, { server })).not.toThrow()
  })
})

describe('a page that names no origin', () => {
  const from = (site: string, mode: string, dest: string, config?: object) =>
    check({ 'sec-fetch-site': site, 'sec-fetch-mode': mode, 'sec-fetch-dest': dest }, config)

  it.each([
    ['an image', 'cross-site', 'no-cors', 'image'],
    ['an image at another port', 'same-site', 'no-cors', 'image'],
    ['fetch without CORS', 'cross-site', 'no-cors', 'empty'],
    ['a frame', 'cross-site', 'navigate', 'iframe'],
  ])('is refused: %s', (_, site, mode, dest) => {
    const refused = expect.objectContaining({ status: 403, code: 'origin_not_allowed' })
    expect(from(site, mode, dest)).toThrow(refused)
    expect(from(site, mode, dest, { server: { allowed_origins: ['https://a.example'] } })).toThrow(refused)
    expect(from(site, mode, dest, { server: { allowed_origins: ['*'] } })).not.toThrow()
  })

  it.each([
    ["byok's own", 'same-origin', 'cors', 'empty'],
    ["an image of byok's own", 'same-origin', 'no-cors', 'image'],
    ['an address that somebody entered', 'none', 'navigate', 'document'],
    ['a link', 'cross-site', 'navigate', 'document'],
    ['a program of Electron that takes Origin off', 'cross-site', 'cors', 'empty'],
  ])('is let in: %s', (_, site, mode, dest) => expect(from(site, mode, dest)).not.toThrow())
})

describe('server.keys', () => {
  const config = { server: { keys: ['key-one', 'key-two'] } }

  it.each([
    ['authorization', 'Bearer key-one'],
    ['authorization', 'bearer key-two'],
    ['x-api-key', 'key-two'],
  ])('takes %s: %s', (name, value) => expect(check({ [name]: value }, config)).not.toThrow())

  it('refuses none, and says how to send one', () => {
    expect(check({}, config)).toThrow(/Authorization: Bearer/)
  })

  it('refuses another, without repeating it', () => {
    const refused = check({ authorization: 'Bearer key-three' }, config)
    expect(refused).toThrow(expect.objectContaining({ status: 401 }))
    expect(refused).not.toThrow(/key-three|key-one/)
  })
})

it.each([
  ['127.0.0.1', true],
  ['::1', true],
  ['[::1]', true],
  ['localhost.', true],
  ['0.0.0.0', false],
  ['::', false],
  ['127.evil.example', false],
])('isLoopback(%s) is %s', (name, expected) => expect(isLoopback(name)).toBe(expected))
