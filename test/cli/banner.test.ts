import type { NetworkInterfaceInfo } from 'node:os'
import { expect, it } from 'vitest'
import { banner, otherAddresses } from '../../src/cli/banner.ts'
import { createIsolatedByok } from '../helpers/isolated-byok.ts'

const entry = (family: 'IPv4' | 'IPv6', address: string, internal = false) =>
  ({ family, address, internal }) as NetworkInterfaceInfo

const interfaces = {
  lo: [entry('IPv4', '127.0.0.1', true), entry('IPv6', '::1', true)],
  eth0: [entry('IPv4', '192.0.2.2'), entry('IPv6', '2001:db8::2'), entry('IPv6', 'fe80::2')],
}

it.each([
  ['127.0.0.1', []],
  ['192.0.2.2', []],
  ['0.0.0.0', ['http://192.0.2.2:8018']],
  ['::', ['http://192.0.2.2:8018', 'http://[2001:db8::2]:8018']],
])('on %s other machines find byok at %j', (host, expected) => {
  expect(otherAddresses({ url: 'http://localhost:8018', host, port: 8018 }, interfaces)).toEqual(expected)
  const secure = otherAddresses({ url: 'https://localhost:8018', host, port: 8018 }, interfaces)
  expect(secure).toEqual(expected.map((url) => url.replace('http:', 'https:')))
})

it('says so where there are any', async () => {
  const byok = await createIsolatedByok()
  const at = (host: string) => ({ url: 'http://localhost:8018', host, port: 8018 })
  expect(await banner(byok, at('127.0.0.1'))).not.toContain('From other machines')
  const text = await banner(byok, at('0.0.0.0'))
  const others = otherAddresses(at('0.0.0.0'))
  for (const address of others) expect(text).toContain(`From other machines: ${address}/v1\n`)
  expect(text.includes('once `server.allowed_hosts` has it')).toBe(others.length > 0)
  byok.config.server.allowed_hosts = ['*']
  expect(await banner(byok, at('0.0.0.0'))).not.toContain('allowed_hosts')
  await byok.close()
})

it('does not speak of a key where a provider needs none and was given none, nor of no models where it was not asked', async () => {
  const here = { type: 'openai-compatible' as const, base_url: 'http://127.0.0.1:9/v1', models: ['m'] }
  const byok = await createIsolatedByok({
    providers: { here, there: { ...here, api_key: 'sk-1', models: ['m', 'n'] }, asked: { ...here, models: [] } },
  })
  const text = await banner(byok, { url: 'http://localhost:8018', host: '127.0.0.1', port: 8018 })
  expect(text).toMatch(/^ {2}\+ here +no key, 1 model$/m)
  expect(text).toMatch(/^ {2}\+ there +API key from .*, 2 models$/m)
  // It was not asked for its list yet.
  expect(text).toMatch(/^ {2}\+ asked +no key, the models it lists$/m)
  await byok.close()
})
