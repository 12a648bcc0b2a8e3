import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import { readSessionKey } from '../../../src/core/clients/session-key.ts'

async function folder() {
  const path = await mkdtemp(join(tmpdir(), 'byok-session-'))
  onTestFinished(() => rm(path, { recursive: true, force: true }))
  return path
}

it('is made once, and read from then on', async () => {
  const path = join(await folder(), 'own', 'session-key')
  const warn = vi.fn()
  const made = readSessionKey(path, { warn })
  expect(made).toHaveLength(32)
  expect(readSessionKey(path, { warn })).toEqual(made)
  expect(warn).not.toHaveBeenCalled()
})

it('is each process’s own where there is no folder, or the file is none; what is there stays', async () => {
  const warn = vi.fn()
  expect(readSessionKey(undefined, { warn })).not.toEqual(readSessionKey(undefined, { warn }))
  expect(warn).not.toHaveBeenCalled()
  const path = join(await folder(), 'session-key')
  await writeFile(path, 'no key\n')
  expect(readSessionKey(path, { warn })).not.toEqual(readSessionKey(path, { warn }))
  expect(warn).toHaveBeenCalledTimes(2)
  expect(JSON.stringify(warn.mock.calls)).toContain(path)
})
