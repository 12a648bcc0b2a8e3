import { homedir, userInfo } from 'node:os'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { ConfigError } from '../../src/core/config/index.ts'
import { expandHome, homeFolder } from '../../src/core/home.ts'
import { locateStore } from '../../src/core/store/index.ts'

it.each([
  ['~', '/h'],
  ['~/a/b', '/h/a/b'],
  ['/a/~', '/a/~'],
  ['~other/a', '~other/a'],
  ['a', 'a'],
])('expandHome(%s)', (path, expected) => expect(expandHome(path, '/h')).toBe(expected))

it('is what the system knows where HOME is set to nothing', () => {
  expect(homeFolder('')).toBe(homedir())
  expect(locateStore('~/.byok/tokens.db', { env: { HOME: '' } }).folder).toBe(join(homedir(), '.byok'))
  expect(locateStore('libsql://logins', { env: { HOME: '' } }).folder).toBe(join(homedir(), '.byok'))
  vi.stubEnv('HOME', '')
  expect(homeFolder('')).toBe(userInfo().homedir)
})

it('is asked for where the system knows none, as of a user that has a number alone', () => {
  const unknown = () => {
    throw new Error('uv_os_homedir returned ENOENT (no such file or directory)')
  }
  expect(homeFolder('/h', unknown)).toBe('/h')
  expect(() => homeFolder(undefined, unknown)).toThrow(ConfigError)
  expect(() => homeFolder(undefined, unknown)).toThrow('HOME: is not set')
})
