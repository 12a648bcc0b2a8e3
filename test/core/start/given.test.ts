import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { createByok } from '../../../src/index.ts'
import type { ByokOptions } from '../../../src/index.ts'
import { createIsolatedByok } from '../../helpers/isolated-byok.ts'

/** As a program in JavaScript may call it. */
const create = (options: unknown) => createByok({ configFiles: false, env: {}, ...(options as ByokOptions) })

it.each([
  [
    { store: new Map() },
    /createByok options: store: expected a TokenStore.*; this has no list\(\), put\(\), update\(\)/,
  ],
  [{ store: '~/.byok/tokens.db' }, /createByok options: store: expected a TokenStore.*; this has no list\(\)/],
  [
    { logger: {} },
    /createByok options: logger: expected a logger.*; this has no error\(\), warn\(\), info\(\), debug\(\)$/,
  ],
  [{ store: {}, logger: {} }, /2 problems in the config/],
  [{ configFile: 7 }, /createByok options: configFile: expected a path, as text$/],
  [{ cwd: new URL('file:///tmp/') }, /createByok options: cwd: expected a path, as text$/],
  [{ env: 'PORT=1' }, /createByok options: env: expected variables, such as `process.env`$/],
])('refuses at the start what cannot work: %j', async (options, message) => {
  await expect(create(options)).rejects.toThrow(message)
})

it.each(['byok.yaml', null, [], 8018])('refuses options that are none: %j', async (options) => {
  await expect(createByok(options as ByokOptions)).rejects.toThrow(
    'createByok options: expected an object; the path of a config file goes into `configFile`',
  )
})

it('takes a function with the methods of a logger, and null for nothing', async () => {
  const { error, warn, info, debug } = console
  const logger = Object.assign(() => {}, { error, warn, info, debug })
  const byok = await createIsolatedByok({ logger })
  onTestFinished(() => byok.close())
  expect(byok.logger).toBe(logger)
  const home = await mkdtemp(join(tmpdir(), 'byok-given-'))
  const other = await create({ logger: null, store: null, env: { HOME: home } })
  expect(await other.store.list()).toEqual([])
  await other.close()
  await rm(home, { recursive: true })
})

it('takes the console for a logger', async () => {
  const byok = await createIsolatedByok({ logger: console })
  onTestFinished(() => byok.close())
  expect(byok.logger).toBe(console)
})
