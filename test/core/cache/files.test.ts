import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createStorage } from 'unstorage'
import { expect, it, onTestFinished } from 'vitest'
import { fileDriver } from '../../../src/core/cache/cache.ts'

async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'byok-cache-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

it.skipIf(process.platform === 'win32')(
  'are their owner’s alone, and so is the folder of byok that they make',
  async () => {
    const folder = await makeFolder()
    const before = process.umask(0)
    onTestFinished(() => void process.umask(before))
    const storage = createStorage({ driver: fileDriver(join(folder, '.byok', 'cache')) })
    await storage.setItem('circuits:one', 'me@example.com')
    await storage.setItem('revision', 'two')
    const found = await readdir(folder, { recursive: true, withFileTypes: true })
    const modes = await Promise.all(
      found.map(async ({ name, parentPath }) => [
        name,
        ((await stat(join(parentPath, name))).mode & 0o777).toString(8),
      ]),
    )
    expect(Object.fromEntries(modes)).toEqual({
      '.byok': '700',
      cache: '700',
      circuits: '700',
      one: '600',
      revision: '600',
    })
  },
)

it('are found again, changed and removed', async () => {
  const folder = await makeFolder()
  const open = () => createStorage({ driver: fileDriver(folder) })
  await open().setItem('models:local.json', '[1]')
  await open().setItem('models:local.json', '[2]')
  expect(await open().getItem('models:local.json')).toEqual([2])
  expect(await open().getKeys('models')).toEqual(['models:local.json'])
  await open().removeItem('models:local.json')
  expect(await open().getKeys()).toEqual([])
})
