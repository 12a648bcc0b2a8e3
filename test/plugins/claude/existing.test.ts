import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { existingClaudeCode } from '../../../src/plugins/claude/existing.ts'

const entry = (token: string) => JSON.stringify({ claudeAiOauth: { accessToken: token, refreshToken: 'r' } })

interface Item {
  service: string
  account: string
  text: string
}

/** macOS's keychain, asked as `security find-generic-password` is: of several that fit, the first is found. */
function keychainOf(...items: Item[]) {
  return async (args: string[]) => {
    const valueOf = (flag: string) => (args.includes(flag) ? args[args.indexOf(flag) + 1] : undefined)
    const [service, account] = [valueOf('-s'), valueOf('-a')]
    return items.find((item) => item.service === service && (account === undefined || account === item.account))?.text
  }
}

/** A folder of Claude Code's, with its file where that has a text. */
async function folderWith(file?: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'byok-claude-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  if (file !== undefined) await writeFile(join(folder, '.credentials.json'), file)
  return folder
}

async function tokensOf(folder: string, ask: (args: string[]) => Promise<string | undefined>) {
  const env = { CLAUDE_CONFIG_DIR: folder, USER: 'ann' }
  const found = await existingClaudeCode({ env, home: '/nowhere', platform: 'darwin' }, ask)
  return found.map(({ tokens, source }) => [tokens.accessToken.reveal(), source])
}

const serviceOf = (folder: string) =>
  `Claude Code-credentials-${createHash('sha256').update(folder).digest('hex').slice(0, 8)}`

describe("Claude Code's login on macOS", () => {
  it("is the keychain's, before a file that was left lying, and that of the folder in use", async () => {
    const folder = await folderWith(entry('of-the-file'))
    const keychain = keychainOf(
      { service: 'Claude Code-credentials', account: 'ann', text: entry('of-another-folder') },
      { service: serviceOf(folder), account: 'ann', text: entry('of-this-folder') },
    )
    expect(await tokensOf(folder, keychain)).toEqual([['of-this-folder', 'the macOS keychain']])
    expect(
      await existingClaudeCode({ env: { USER: 'ann' }, home: '/nowhere', platform: 'darwin' }, keychain),
    ).toMatchObject([{ account: 'claude-code', source: 'the macOS keychain' }])
  })

  it('is not that of an entry of the same name that holds none', async () => {
    const folder = await folderWith()
    const service = serviceOf(folder)
    const other = { service, account: 'unknown', text: JSON.stringify({ mcpOAuth: {} }) }
    const keychain = keychainOf(other, { service, account: 'ann', text: entry('mine') })
    expect(await tokensOf(folder, keychain)).toEqual([['mine', 'the macOS keychain']])
    expect(await tokensOf(folder, keychainOf(other))).toEqual([])
  })

  it.each<[string, (args: string[]) => Promise<string | undefined>]>([
    ['has none', keychainOf()],
    ['is locked', () => Promise.reject(new Error('locked'))],
  ])("is the file's where the keychain %s", async (_, keychain) => {
    const folder = await folderWith(entry('of-the-file'))
    expect(await tokensOf(folder, keychain)).toEqual([['of-the-file', join(folder, '.credentials.json')]])
  })

  it('is an error where the keychain is locked and there is no file', async () => {
    await expect(tokensOf(await folderWith(), () => Promise.reject(new Error('locked')))).rejects.toThrow('locked')
  })
})
