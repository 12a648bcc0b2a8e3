import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import { openTokenStore } from '../../src/core/store/index.ts'
import type { AccountRecord } from '../../src/core/store/index.ts'
import { commandLine, startCommandLine } from '../helpers/command-line.ts'
import type { CommandLineStarted } from '../helpers/command-line.ts'
import { runCli } from '../helpers/serve.ts'
import type { CliOptions, CliRun } from '../helpers/serve.ts'

/** A run of the CLI that is over with the test, with what it printed checked for secrets. */
export async function cli(command: string[], options: CliOptions, secrets: string[] = []): Promise<CliRun> {
  const run = await runCli(command, options)
  onTestFinished(async () => {
    const printed = run.stdout() + run.stderr()
    await run.dispose()
    for (const secret of secrets) expect(printed).not.toContain(secret)
  })
  return run
}

/** {@link cli} in this process, which costs a small part of that: for commands that end by themselves. */
export async function line(
  command: string[],
  { home, config, env }: Pick<CliOptions, 'home' | 'config' | 'env'>,
  secrets: string[] = [],
): Promise<Pick<CliRun, 'exited' | 'stdout' | 'stderr' | 'configFile'>> {
  const { code, stdout, stderr, configFile } = await commandLine(command, {
    ...(home !== undefined && { home }),
    ...(config !== undefined && { config }),
    ...(env && { env }),
  })
  for (const secret of secrets) expect(stdout + stderr).not.toContain(secret)
  return { exited: Promise.resolve(code), stdout: () => stdout, stderr: () => stderr, configFile }
}

/** {@link line}, for a login that waits for a browser or for a person: done in this process, and checked for secrets at its end. */
export async function signIn(
  command: string[],
  config: object,
  secrets: readonly string[] = [],
): Promise<CommandLineStarted> {
  const run = await startCommandLine(['login', ...command], { config })
  onTestFinished(() => {
    for (const secret of secrets) expect(run.stdout() + run.stderr()).not.toContain(secret)
  })
  return run
}

/** What the address bar of a browser goes through, from the printed URL to where no redirect follows. */
export async function browse(url: string): Promise<{ urls: string[]; status: number; text: string; headers: Headers }> {
  const urls = [url]
  for (;;) {
    const response = await fetch(urls.at(-1) ?? url, { redirect: 'manual' })
    const next = response.headers.get('location')
    if (next === null) return { urls, status: response.status, text: await response.text(), headers: response.headers }
    urls.push(next)
  }
}

/** The address that a login printed. */
export async function printedUrl(run: Pick<CliRun, 'until'>): Promise<string> {
  const [url] = await run.until(/http:\/\/127\.0\.0\.1:\d+\/\S+/)
  return url
}

/** The logins in a home's database. */
export async function storedLogins(home: string): Promise<AccountRecord[]> {
  const store = await openTokenStore({ path: join(home, '.byok', 'tokens.db'), keychain: false })
  try {
    return await store.list()
  } finally {
    await store.close()
  }
}

/** Fails where a secret stands in the database's files as it is. */
export async function expectSealed(home: string, secrets: string[]): Promise<void> {
  for (const name of ['tokens.db', 'tokens.db-wal']) {
    const bytes = await readFile(join(home, '.byok', name), 'latin1').catch(() => '')
    for (const secret of secrets) expect(bytes).not.toContain(secret)
  }
}

/** A home that is gone when the test is over. */
export function ownHome(path: string): string {
  onTestFinished(() => rm(path, { recursive: true, force: true }))
  return path
}
