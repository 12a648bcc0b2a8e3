import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { fakeJwt } from '../upstreams/auth/code-server.ts'
import { commandLine, makeHome } from '../helpers/command-line.ts'

// The first run loads all of the CLI.
vi.setConfig({ testTimeout: 90_000 })

const CODEX = {
  tokens: {
    id_token: fakeJwt({ email: 'bob@example.com', 'https://api.openai.com/auth': { chatgpt_account_id: 'id-7' } }),
    access_token: fakeJwt({ exp: Date.UTC(2100, 0, 1) / 1000 }),
    refresh_token: 'secret-refresh',
    account_id: 'id-7',
  },
}

async function answerOf(argv: string[], home: string): Promise<unknown> {
  const { code, stdout, stderr } = await commandLine([...argv, '--json'], { home, config: {} })
  expect([code, stderr]).toEqual([0, expect.not.stringContaining('"error"')])
  expect(stdout).not.toContain('secret')
  return JSON.parse(stdout)
}

it('import and logout answer in JSON, and import keeps what is there', async () => {
  const home = await makeHome()
  await mkdir(join(home, '.codex'))
  await writeFile(join(home, '.codex/auth.json'), JSON.stringify(CODEX), { mode: 0o600 })
  const login = { provider: 'codex', account: 'bob@example.com', source: expect.any(String) as string }
  expect(await answerOf(['import'], home)).toEqual({ logins: [{ ...login, result: 'imported' }], failures: [] })
  expect(await answerOf(['import'], home)).toEqual({ logins: [{ ...login, result: 'kept' }], failures: [] })
  const gone = { provider: 'codex', account: 'bob@example.com', api_key_remains: false }
  expect(await answerOf(['logout', 'codex'], home)).toMatchObject(gone)
  expect(await answerOf(['status'], home)).toEqual([])
})

it('setup and env answer in JSON what they print, write and undo', async () => {
  const home = await makeHome()
  const path = join(home, '.claude/settings.json')
  const shown = await answerOf(['setup', 'claude-code'], home)
  expect(shown).toMatchObject({
    tool: 'claude-code',
    title: 'Claude Code',
    files: [{ path: expect.any(String) as string }],
  })
  const written = await answerOf(['setup', 'claude-code', '--write', '--yes'], home)
  expect(written).toMatchObject({ tool: 'claude-code', written: [path] })
  expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({
    env: { ANTHROPIC_BASE_URL: 'http://localhost:8018' },
  })
  expect(await answerOf(['setup', 'claude-code', '--undo'], home)).toMatchObject({ restored: [path] })
  expect(await answerOf(['env'], home)).toMatchObject({
    OPENAI_BASE_URL: 'http://localhost:8018/v1',
    ANTHROPIC_BASE_URL: 'http://localhost:8018',
  })
  const unasked = await commandLine(['setup', 'claude-code', '--write', '--json'], { home })
  expect(unasked.code).toBe(2)
  expect(JSON.parse(unasked.stderr)).toMatchObject({ error: { type: 'usage' } })
})
