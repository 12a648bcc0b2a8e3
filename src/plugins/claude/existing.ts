import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Existing, ImportContext } from '../../core/auth/context.ts'
import { AuthError } from '../../core/auth/error.ts'
import { dateOf, folderOf, known, objectOf, readOthersFile, textOf } from '../../core/auth/facts.ts'
import { isObject } from '../../core/json.ts'
import { Secret } from '../../core/secret.ts'

/*
 * Where Claude Code keeps its login, and its shape: AprilNEA/BYOKEY crates/auth/src/provider/claude_code.rs. The path's
 * override is Claude Code's own, https://docs.anthropic.com/en/docs/claude-code/settings.
 */
const KEYCHAIN_SERVICE = 'Claude Code-credentials'
/** A locked keychain asks the person; this long is enough to answer. */
const KEYCHAIN_PATIENCE_MS = 60_000
/** `security`'s exit code for an entry that is not there. */
const NO_SUCH_ENTRY = 44

export async function existingClaudeCode(context: ImportContext): Promise<Existing[]> {
  const folder = folderOf(context.env, 'CLAUDE_CONFIG_DIR', join(context.home, '.claude'))
  const path = join(folder, '.credentials.json')
  const text = await readOthersFile(path)
  if (text !== undefined) return read(text, path)
  const kept = context.platform === 'darwin' ? await inKeychain() : undefined
  return kept === undefined ? [] : read(kept, 'the macOS keychain')
}

function read(text: string, source: string): Existing[] {
  const { claudeAiOauth: login } = objectOf(text, source)
  // Claude Code with an API key has a file without a login.
  if (!isObject(login)) return []
  const accessToken = textOf(login['accessToken'])
  if (accessToken === undefined) return []
  const refreshToken = textOf(login['refreshToken'])
  const expiresAt = dateOf(login['expiresAt'])
  return [
    {
      account: 'claude-code',
      tokens: {
        accessToken: new Secret(accessToken),
        ...(refreshToken !== undefined && { refreshToken: new Secret(refreshToken) }),
      },
      ...(expiresAt !== undefined && { expiresAt }),
      metadata: known({ subscription: textOf(login['subscriptionType']) }),
      source,
    },
  ]
}

async function inKeychain(): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)('security', ['find-generic-password', '-s', KEYCHAIN_SERVICE, '-w'], {
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
