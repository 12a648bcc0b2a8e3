import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createDatabase } from 'db0'
import { describe, expect, it } from 'vitest'
import { Secret } from '../../../src/core/secrets/secret.ts'
import type { Keychain } from '../../../src/core/store/index.ts'
import { loadSqlite } from '../../../src/core/store/sqlite.ts'
import { errorOf, login, makeDirectory, modeOf, openStore } from './support.ts'

function fakeKeychain(entries = new Map<string, string>()): Keychain & { entries: Map<string, string> } {
  return {
    entries,
    get: async (name) => entries.get(name),
    set: async (name, value) => void entries.set(name, value),
    delete: async (name) => void entries.delete(name),
  }
}

/** Everything under a folder, as one text. */
async function bytesOf(folder: string): Promise<string> {
  const files = await readdir(folder)
  const contents = await Promise.all(files.map((name) => readFile(join(folder, name), 'latin1')))
  return contents.join('\n')
}

async function withLogin(folder: string, options: Partial<Parameters<typeof openStore>[0]> = {}) {
  const store = await openStore({ path: join(folder, 'tokens.db'), ...options })
  await store.put(
    login('ann', { tokens: { accessToken: new Secret('canary-access'), refreshToken: new Secret('canary-refresh') } }),
  )
  await store.close()
}

describe('the files of a token store', () => {
  it('are not there before the first login', async () => {
    const folder = join(await makeDirectory(), 'byok')
    const store = await openStore({ path: join(folder, 'tokens.db') })
    expect(await store.list()).toEqual([])
    await expect(readdir(folder)).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('are for their owner alone', async () => {
    const folder = join(await makeDirectory(), 'byok')
    await withLogin(folder)
    expect(await modeOf(folder)).toBe('700')
    for (const name of await readdir(folder)) expect([name, await modeOf(join(folder, name))]).toEqual([name, '600'])
  })

  it('are made so again where they were looser, with a warning', async () => {
    const folder = join(await makeDirectory(), 'byok')
    await withLogin(folder)
    await chmod(folder, 0o755)
    for (const name of await readdir(folder)) await chmod(join(folder, name), 0o644)
    const warnings: string[] = []
    const store = await openStore({ path: join(folder, 'tokens.db'), onWarning: (text) => warnings.push(text) })
    expect(await store.list()).toHaveLength(1)
    expect(await modeOf(folder)).toBe('700')
    expect(await modeOf(join(folder, 'tokens.db'))).toBe('600')
    expect(await modeOf(join(folder, 'key'))).toBe('600')
    expect(warnings.join('\n')).toContain('tokens.db')
    expect(warnings.join('\n')).toContain('key')
  })

  it('hold no token in the clear', async () => {
    const folder = join(await makeDirectory(), 'byok')
    await withLogin(folder)
    expect(await bytesOf(folder)).not.toContain('canary')
  })
})

describe('the key of a token store', () => {
  it('is in the key file where there is no keychain, and opens the store again', async () => {
    const folder = await makeDirectory()
    await withLogin(folder)
    const again = await openStore({ path: join(folder, 'tokens.db') })
    expect((await again.get('claude', 'ann'))?.tokens.accessToken.reveal()).toBe('canary-access')
  })

  it('is in the keychain where there is one, and nowhere else', async () => {
    const folder = await makeDirectory()
    const keychain = fakeKeychain()
    await withLogin(folder, { keychain })
    expect(keychain.entries.size).toBe(1)
    expect(await readdir(folder)).not.toContain('key')
    const again = await openStore({ path: join(folder, 'tokens.db'), keychain })
    expect((await again.get('claude', 'ann'))?.tokens.refreshToken?.reveal()).toBe('canary-refresh')
  })

  it('is in the key file where the keychain fails', async () => {
    const folder = await makeDirectory()
    const broken: Keychain = { ...fakeKeychain(), set: () => Promise.reject(new Error('locked')) }
    await withLogin(folder, { keychain: broken })
    expect(await readdir(folder)).toContain('key')
  })

  it.each<[string, (folder: string) => Promise<void>]>([
    ['missing', (folder) => rm(join(folder, 'key'))],
    [
      'another',
      async (folder) => {
        const other = await makeDirectory()
        await withLogin(other)
        await writeFile(join(folder, 'key'), await readFile(join(other, 'key')))
      },
    ],
  ])('gives a clear error where it is %s, never an empty store', async (_, change) => {
    const folder = await makeDirectory()
    await withLogin(folder)
    const before = await readFile(join(folder, 'tokens.db'))
    await change(folder)
    const error = await errorOf(openStore({ path: join(folder, 'tokens.db') }))
    expect(error).toMatchObject({ name: 'StoreError', code: 'wrong_key' })
    expect(String(error)).toContain(join(folder, 'tokens.db'))
    expect(await readFile(join(folder, 'tokens.db'))).toEqual(before)
  })

  it('gives a clear error where its file holds something else', async () => {
    const folder = await makeDirectory()
    await withLogin(folder)
    await writeFile(join(folder, 'key'), 'no key')
    expect(await errorOf(openStore({ path: join(folder, 'tokens.db') }))).toMatchObject({ code: 'bad_key_file' })
  })

  it('is asked for again where the keychain lost it', async () => {
    const folder = await makeDirectory()
    await withLogin(folder, { keychain: fakeKeychain() })
    const error = await errorOf(openStore({ path: join(folder, 'tokens.db'), keychain: fakeKeychain() }))
    expect(error).toMatchObject({ code: 'wrong_key', message: expect.stringContaining('keychain') })
  })
})

describe('a database that is not a token store', () => {
  it.each<[string, string, string | Buffer]>([
    ['text', 'corrupt', 'hello, I am a diary'],
    ['half a database', 'corrupt', Buffer.concat([Buffer.from('SQLite format 3\0'), Buffer.alloc(200, 7)])],
  ])('is refused where it is %s, and left as it is', async (_, code, content) => {
    const folder = join(await makeDirectory(), 'byok')
    await mkdir(folder)
    const path = join(folder, 'tokens.db')
    await writeFile(path, content)
    const error = await errorOf(openStore({ path }))
    expect(error).toMatchObject({ code, path })
    expect(await readFile(path)).toEqual(Buffer.from(content))
    expect(await readdir(folder)).toEqual(['tokens.db'])
  })
})

/** What is in a folder, byte by byte, and since when. */
async function stateOf(folder: string) {
  const names = await readdir(folder)
  return await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name)
      return [name, (await stat(path)).mtimeMs, await readFile(path, 'latin1')]
    }),
  )
}

describe('a database that is refused', () => {
  it.each([
    ["a newer byok's", 'newer_version', 'INSERT INTO byok_migrations (version, applied_at) VALUES (99, 1)'],
    ["another program's", 'not_a_token_store', 'ALTER TABLE byok_migrations RENAME TO bookmarks'],
  ])('has nothing left beside it where it is %s', async (_, code, sql) => {
    const folder = await makeDirectory()
    await withLogin(folder)
    const path = join(folder, 'tokens.db')
    const db = createDatabase((await loadSqlite()).connector(path))
    await db.exec(sql)
    await db.dispose()
    const before = await stateOf(folder)
    expect(before.map(([name]) => name)).toEqual(['key', 'tokens.db'])
    expect(await errorOf(openStore({ path }))).toMatchObject({ code, path })
    expect(await stateOf(folder)).toEqual(before)
  })

  it('is refused at once where a file stands in its way', async () => {
    const folder = await makeDirectory()
    await writeFile(join(folder, 'byok'), '')
    const path = join(folder, 'byok', 'tokens.db')
    expect(await errorOf(openStore({ path }))).toMatchObject({ code: 'unavailable', path })
  })
})
