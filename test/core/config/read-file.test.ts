import { execFileSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readConfigFile } from '../../../src/core/config/read-file.ts'
import { folders } from './support.ts'

const NONE = { nobody: 0, silent: 0 }

describe.skipIf(process.platform === 'win32')('a config file that is a pipe', () => {
  const pipe = async () => {
    const path = join((await folders()).cwd, 'pipe.yaml')
    execFileSync('mkfifo', [path])
    return path
  }

  it('is read to its end, however late its program comes', async () => {
    const path = await pipe()
    const read = readConfigFile(path, { nobody: 60_000, silent: 60_000 })
    const text = `# ${'x'.repeat(200_000)}\nport: 1\n`
    await writeFile(path, text)
    expect(await read).toBe(text)
  })

  it('is not waited for where nobody writes to it, nor taken for an empty config', async () => {
    const path = await pipe()
    await expect(readConfigFile(path, NONE)).rejects.toThrow('no config comes out of this pipe. Name a file, or')
  })
})
