import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { ClientKeys } from '../../../src/core/clients/client-keys.ts'
import { hashText, modelMatches } from '../../../src/core/clients/key.ts'
import { createKey, revokeKey } from '../../../src/core/clients/manage.ts'
import { configSchema } from '../../../src/core/config/index.ts'

async function keyFile(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'byok-keys-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  return join(folder, 'client-keys.json')
}

const over = (path: string | undefined, server: object = {}, now = Date.now) => {
  const config = configSchema.parse({ server })
  return new ClientKeys({ config: () => config, path, now })
}

it('warns of keys that others can guess, where others can reach byok', () => {
  const keys = [{ key: 'a', label: 'short' }, { key: hashText('a') }, { key: 'sixteen-letters.' }]
  const warnings = (host: string) => {
    const config = configSchema.parse({ host, server: { keys } })
    return new ClientKeys({ config: () => config }).warnings
  }
  expect(warnings('0.0.0.0')).toEqual([expect.stringMatching(/"short".*guessed.*0\.0\.0\.0.*byok key create/)])
  for (const host of ['127.0.0.1', 'localhost', '[::1]']) expect(warnings(host)).toEqual([])
})

describe('a created key', () => {
  it('is kept as its hash alone, for the owner alone', async () => {
    const path = await keyFile()
    const { key } = await createKey(path, 'laptop')
    expect(key.reveal()).toMatch(/^byok_[\w-]{43}$/)
    const text = await readFile(path, 'utf8')
    expect(text).not.toContain(key.reveal())
    expect(text).toContain(hashText(key.reveal()))
    expect((await stat(path)).mode & 0o777).toBe(0o600)
  })

  it('is let in at once by a byok that runs, and refused at once when it is revoked', async () => {
    const path = await keyFile()
    const clients = over(path)
    expect(clients.required).toBe(false)
    const { key } = await createKey(path, 'laptop', { admin: true, models: ['gpt-*'] })
    expect(clients.required).toBe(true)
    expect(clients.identify([key.reveal()])).toMatchObject({ key: { label: 'laptop', admin: true, models: ['gpt-*'] } })
    await revokeKey(path, 'laptop')
    expect(clients.required).toBe(true)
    expect(clients.identify([key.reveal()])).toBeUndefined()
    expect(clients.knows(key.reveal())).toBe(true)
    expect(clients.knows('another')).toBe(false)
    await expect(revokeKey(path, 'laptop')).rejects.toThrow(/no key "laptop"/)
  })

  it('opens nothing when its list is deleted or broken', async () => {
    const path = await keyFile()
    const clients = over(path)
    const { key } = await createKey(path, 'laptop')
    expect(clients.required).toBe(true)
    await writeFile(path, 'not json')
    expect(clients.required).toBe(true)
    expect(clients.identify([key.reveal()])).toBeDefined()
    await rm(path)
    expect(clients.required).toBe(true)
    expect(clients.identify([key.reveal()])).toBeUndefined()
    await writeFile(path, 'not json')
    expect(over(path).required).toBe(true)
    await expect(createKey(path, 'other')).rejects.toThrow(/no usable list/)
  })

  it('has a name of its own, and none is lost where several are made at once', async () => {
    const path = await keyFile()
    await Promise.all(['a', 'b', 'c', 'd'].map((label) => createKey(path, label)))
    const clients = over(path)
    expect(clients.required).toBe(true)
    expect(
      clients
        .all()
        .map(({ label }) => label)
        .toSorted(),
    ).toEqual(['a', 'b', 'c', 'd'])
    await expect(createKey(path, 'a')).rejects.toThrow(/already/)
    await expect(createKey(path, 'mine', {}, ['mine'])).rejects.toThrow(/already/)
    await revokeKey(path, 'a')
    await createKey(path, 'a')
  })
})

describe('a key of config', () => {
  it('may be its hash, and may end', () => {
    const clock = { now: Date.parse('2030-01-01T00:00:00Z') }
    const keys = [
      { key: hashText('plain-text'), label: 'hashed' },
      { key: 'short-lived', label: 'guest', expires_at: '2030-01-31' },
    ]
    const clients = over(undefined, { keys }, () => clock.now)
    expect(clients.identify(['plain-text'])).toMatchObject({ key: { label: 'hashed' } })
    expect(clients.identify([hashText('plain-text')])).toBeUndefined()
    expect(clients.identify(['short-lived'])).toMatchObject({ key: { label: 'guest' } })
    clock.now = Date.parse('2030-02-01T00:00:00Z')
    expect(clients.identify(['short-lived'])).toMatchObject({ expired: { label: 'guest' } })
  })

  it.each(['2030-02-31', 'soon', '2030-01-01 12:00', '01/02/2030'])('does not end on %s', (expires_at) => {
    expect(() => configSchema.parse({ server: { keys: [{ key: 'k', expires_at }] } })).toThrow(/expected a date/)
  })
})

it.each([
  [['gpt-5'], 'GPT-5', true],
  [['gpt-*'], 'gpt-5-mini', true],
  [['*-mini'], 'gpt-5', false],
  [['claude/*'], 'claude-opus', false],
  [['a*b*c'], 'axxbxxc', true],
  [['a*b*c'], 'axxc', false],
  [['gpt.5'], 'gpt-5', false],
])('models %j match %s: %s', (patterns, name, expected) => expect(modelMatches(patterns, name)).toBe(expected))
