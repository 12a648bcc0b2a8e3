import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { cli, line } from './login-support.ts'

it('shows the control characters of the name that a login has', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'byok-plugin-login-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const plugin = join(folder, 'acme.mjs')
  await writeFile(
    plugin,
    `const token = { reveal: () => 'tok-canary', toJSON: () => '' }
    const login = async () => ({ account: 'ann\\u001b[31m\\n', tokens: { accessToken: token } })
    const translator = { format: 'acme', request() {}, events() {} }
    export default { name: 'acme', models: ['m'], auth: [{ kind: 'oauth', label: 'Login', login }], translator, executor() {} }`,
  )
  const run = await line(['login', 'acme'], { home: folder, config: { plugins: [plugin] } }, ['tok-canary'])
  expect(await run.exited).toBe(0)
  expect(run.stdout()).toBe('\nSigned in to acme as ann\\u001b[31m\\n.\n')
})

it('says so where a login never ends and nothing is left to wait for', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'byok-plugin-login-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const plugin = join(folder, 'acme.mjs')
  await writeFile(
    plugin,
    `const auth = [{ kind: 'oauth', label: 'Login', login: () => new Promise(() => {}) }]
    const translator = { format: 'acme', request() {}, events() {} }
    export default { name: 'acme', models: ['m'], auth, translator, executor() {} }`,
  )
  const run = await cli(['login', 'acme'], { home: folder, config: { plugins: [plugin] } })
  expect(await run.exited).toBe(1)
  expect(run.stderr()).toContain('byok: it ended before it was done: what it waited for, such as a promise of a plugin')
})
