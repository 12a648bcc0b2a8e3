import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { line } from './login-support.ts'

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
