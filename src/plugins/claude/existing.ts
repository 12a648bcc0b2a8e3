import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { AuthError } from '../../index.ts'
import type { Existing, ImportContext } from '../../index.ts'
import { dateOf, folderOf, isObject, knownFacts, objectOf, readOthersFile, textOf, tokensOf } from '../../kit.ts'

/*
 * Where Claude Code keeps its login, and its shape: AprilNEA/BYOKEY crates/auth/src/provider/claude_code.rs. The path's
 * override is Claude Code's own, https://docs.anthropic.com/en/docs/claude-code/settings.
 *
 * On macOS it is in the keychain, where an old file may lie about (anthropics/claude-code issue 29816), and in the file only for who
 * moved it there (ericjypark/codex-island issue 54). The entry of another folder is named by its hash: robinebers/openusage pull
 * request 424 and beeblock/orkestrai pull request 27. One of the same name whose account is not the person's holds no login:
 * uwuclxdy/clauth issue 1.
 */
const KEYCHAIN_SERVICE = 'Claude Code-credentials'
/** A locked keychain asks the person; this long is enough to answer. */
const KEYCHAIN_PATIENCE_MS = 60_000
/** `security`'s exit code for an entry that is not there. */
const NO_SUCH_ENTRY = 44

/** Asks macOS's `security` for the password that the arguments name; `undefined` where there is none. */
type AskKeychain = (args: string[]) => Promise<string | undefined>

export async function existingClaudeCode(
  { env, home, platform }: Pick<ImportContext, 'env' | 'home' | 'platform'>,
  ask: AskKeychain = askSecurity,
): Promise<Existing[]> {
  const folder = folderOf(env, 'CLAUDE_CONFIG_DIR', join(home, '.claude'))
  const path = join(folder, '.credentials.json')
  const inFile = async () => {
    const text = await readOthersFile(path)
    return text === undefined ? [] : read(text, path)
  }
  if (platform !== 'darwin') return await inFile()
  try {
    const kept = await inKeychain(env, ask)
    return kept.length > 0 ? kept : await inFile()
  } catch (error) {
    // Over SSH the keychain is locked, and Claude Code has the file.
    const found = await inFile()
    if (found.length === 0) throw error
    return found
  }
}

async function inKeychain(env: ImportContext['env'], ask: AskKeychain): Promise<Existing[]> {
  const named = env['CLAUDE_CONFIG_DIR']
  const hash = named && createHash('sha256').update(named.normalize('NFC')).digest('hex').slice(0, 8)
  const service = hash ? `${KEYCHAIN_SERVICE}-${hash}` : KEYCHAIN_SERVICE
  const user = env['USER'] || userInfo().username
  for (const account of [['-a', user], []]) {
    const text = await ask(['-s', service, ...account])
    const found = text === undefined ? [] : read(text, 'the macOS keychain')
    if (found.length > 0) return found
  }
  return []
}

function read(text: string, source: string): Existing[] {
  const { claudeAiOauth: login } = objectOf(text, source)
  // Claude Code with an API key has a file without a login.
  if (!isObject(login)) return []
  const tokens = tokensOf(login['accessToken'], login['refreshToken'])
  if (!tokens) return []
  const expiresAt = dateOf(login['expiresAt'])
  return [
    {
      account: 'claude-code',
      tokens,
      ...(expiresAt !== undefined && { expiresAt }),
      metadata: knownFacts({ subscription: textOf(login['subscriptionType']) }),
      source,
    },
  ]
}

async function askSecurity(args: string[]): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)('security', ['find-generic-password', ...args, '-w'], {
      timeout: KEYCHAIN_PATIENCE_MS,
    })
    return stdout.trim()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === NO_SUCH_ENTRY) return undefined
    throw new AuthError(
      'The macOS keychain could not be asked for the login of Claude Code. Unlock it and try again.',
      {
        code: 'unreadable',
      },
    )
  }
}
