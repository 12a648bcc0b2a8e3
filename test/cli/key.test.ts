import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { commandLine } from '../helpers/command-line.ts'
import { serve } from '../helpers/serve.ts'

vi.setConfig({ testTimeout: 90_000 })

describe('byok key', () => {
  it('says with the last one that nobody is let in now, and what lets all in again', async () => {
    const { home } = await commandLine(['key', 'create', 'one'])
    await commandLine(['key', 'create', 'two'], { home })
    expect((await commandLine(['key', 'revoke', 'one'], { home })).stdout).toBe('The key "one" is revoked.\n')
    const last = await commandLine(['key', 'revoke', 'two'], { home })
    expect(last.stdout).toContain('No key is left, and byok refuses every request without one')
    expect(last.stdout).toContain(`remove ${home}/.byok/client-keys.json and start byok anew.`)
  })

  it('makes keys that a running byok takes at once, lists them, and takes them back', async () => {
    const served = await serve({ config: { server: { keys: ['of-config'] } } })
    onTestFinished(() => served.dispose())
    const cli = async (...command: string[]) =>
      await commandLine([...command, '-c', served.configFile ?? ''], { home: served.home })
    const models = async (key: string) =>
      (await fetch(`${served.url}/v1/models`, { headers: { authorization: `Bearer ${key}` } })).status

    const args = ['--models', 'gpt-*', '--expires', '30d', '--tokens-per-day', '1000', '--admin']
    const created = await cli('key', 'create', 'laptop', ...args)
    expect(created).toMatchObject({ code: 0, stderr: expect.stringContaining('shown this once') })
    const key = created.stdout.trim()
    expect(await models(key)).toBe(200)
    expect(await models('byok_another')).toBe(401)

    const listed = await cli('key', 'list', '--json')
    expect(listed.stdout + listed.stderr).not.toMatch(new RegExp(`${key}|of-config|sha256`))
    expect(JSON.parse(listed.stdout)).toMatchObject([
      { label: 'keys[0]', source: 'config', state: 'ok' },
      { label: 'laptop', state: 'ok', admin: true, models: ['gpt-*'], budget: { tokens_per_day: 1000 } },
    ])

    expect((await cli('key', 'revoke', 'laptop')).code).toBe(0)
    expect((await cli('key', 'revoke', 'laptop')).stderr).toMatch(/no key "laptop"/)
    expect(await models(key)).toBe(401)
    expect(await models('of-config')).toBe(200)
    expect(await cli('key', 'revoke', 'keys[0]')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/server\.keys/),
    })
  })
})
