import { readFile } from 'node:fs/promises'
import { isAbsolute } from 'node:path'
import { parseObject } from '../json/json.ts'
import { codeOf } from '../log/fault.ts'
import { Secret } from '../secrets/secret.ts'
import type { AccountTokens } from '../store/index.ts'
import { AuthError } from './error.ts'

/** A text that says something, or nothing. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined
}

/** The tokens that another tool's file has; `undefined` where it has no access token. */
export function tokensOf(access: unknown, refresh: unknown): AccountTokens | undefined {
  const [accessToken, refreshToken] = [textOf(access), textOf(refresh)]
  if (accessToken === undefined) return undefined
  return {
    accessToken: new Secret(accessToken),
    ...(refreshToken !== undefined && { refreshToken: new Secret(refreshToken) }),
  }
}

/** The most that a `Date` holds. */
const LAST_MS = 8.64e15

/** Unix milliseconds that are a date, or nothing: an expiry that none can be is none. */
export function dateOf(ms: unknown): number | undefined {
  return typeof ms === 'number' && ms >= 0 && ms <= LAST_MS ? Math.trunc(ms) : undefined
}

/** When what is good for that many seconds ends, by this machine's clock; `undefined` where they say nothing. */
export function endOf(seconds: unknown): number | undefined {
  const count = typeof seconds === 'string' ? Number(seconds) : seconds
  return typeof count === 'number' && count > 0 ? dateOf(Date.now() + count * 1000) : undefined
}

/** Those facts that are known, as an account's metadata. */
export function knownFacts(facts: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(Object.entries(facts).filter((fact): fact is [string, string] => fact[1] !== undefined))
}

/** One text of several facts that tell an account from others together; `undefined` where one of them is not known. */
export function allOf(...facts: (string | undefined)[]): string | undefined {
  return facts.includes(undefined) ? undefined : JSON.stringify(facts)
}

/** A folder that a variable names; `fallback` where it is not set, or set to nothing, which would be the current directory. */
export function folderOf(env: Record<string, string | undefined>, name: string, fallback: string): string {
  return env[name] || fallback
}

/** {@link folderOf} for XDG's variables, which count only as absolute paths: XDG Base Directory Specification, "Basics". */
export function xdgFolder(env: Record<string, string | undefined>, name: string, fallback: string): string {
  const folder = folderOf(env, name, fallback)
  return isAbsolute(folder) ? folder : fallback
}

/**
 * What `read` finds in another tool's file; `undefined` where there is none.
 * @throws {AuthError} naming it; never a part of what it holds.
 */
export async function readOthers<T>(path: string, read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read()
  } catch (error) {
    const code = codeOf(error) ?? 'unknown fault'
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw new AuthError(`${path} cannot be read (${code}).`, { code: 'unreadable' })
  }
}

/** {@link readOthers}, for a text. */
export async function readOthersFile(path: string): Promise<string | undefined> {
  const text = await readOthers(path, () => readFile(path, 'utf8'))
  // PowerShell puts a byte order mark before what it writes.
  return text?.replace(/^\uFEFF/, '')
}

/** {@link readOthers}, for a JSON object. */
export async function readOthersJson(path: string): Promise<Record<string, unknown> | undefined> {
  const text = await readOthersFile(path)
  return text === undefined ? undefined : objectOf(text, path)
}

/**
 * The JSON object that a text of another tool's stands for.
 * @throws {AuthError} naming `source`, for a text that is none.
 */
export function objectOf(text: string, source: string): Record<string, unknown> {
  const value = parseObject(text)
  if (value) return value
  throw new AuthError(`${source} is not in the format byok knows.`, { code: 'unreadable' })
}
