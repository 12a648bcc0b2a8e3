import { access, readdir, readFile } from 'node:fs/promises'
import { dirname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { builtins } from '../src/builtins.ts'
import { main } from '../src/cli/commands.ts'
import { loadConfig } from '../src/core/config/index.ts'
import { generatedPages } from '../scripts/docs-pages.ts'

const DOCS = fileURLToPath(new URL('../docs/', import.meta.url))

/** Every page by its path under `docs/`: those that are kept, and those that are made of the code. */
async function allPages(): Promise<Map<string, string>> {
  const made = generatedPages()
  const files = await readdir(DOCS, { recursive: true })
  const kept = files.filter(
    (path) => path.endsWith('.md') && !/^(api|providers|clients|reference|\.vitepress)\//.test(path),
  )
  const texts = await Promise.all(kept.map(async (path) => [path, await readFile(DOCS + path, 'utf8')] as const))
  return new Map([...texts, ...made])
}

const pages = await allPages()
const blocks = (text: string, language: string) =>
  [...text.matchAll(/^```(\w+)\n([^]*?)^```$/gm)].flatMap(([, name, code]) => (name === language && code ? [code] : []))

describe.each([...pages])('docs/%s', (path, text) => {
  it('has only links and files that lead somewhere', async () => {
    const links = [...text.matchAll(/\]\((?!https?:|#)([^)#\s]+)[^)]*\)/g)].map(([, link = '']) => link)
    const included = [...text.matchAll(/^<<< (\S+)/gm)].map(([, file = '']) => file)
    for (const link of [...links, ...included]) {
      if (link.startsWith('/')) await access(join(DOCS, 'public', link))
      else {
        const target = normalize(join(dirname(path), link))
        if (!pages.has(target)) await access(DOCS + target)
      }
    }
  })

  it('has only config that is valid', async () => {
    for (const block of blocks(text, 'yaml')) {
      const config = parse(block) as object
      // What a tool other than byok is told has keys of its own.
      if (path.startsWith('clients/')) continue
      const loaded = await loadConfig({ cwd: DOCS, env: {}, files: false, overrides: unquoted(config) })
      expect(loaded.finish(builtins).config).toBeDefined()
    }
  })

  it('names only commands that there are', () => {
    const commands = Object.keys(main.subCommands ?? {})
    const shell = blocks(text, 'sh').flatMap((block) => [...block.matchAll(/^(?:npm run )?byok (?:-- )?([a-z]+)/gm)])
    const inline = [...text.matchAll(/`byok ([a-z]+)/g)]
    for (const [, command = ''] of [...shell, ...inline]) expect(commands).toContain(command)
  })
})

/** `${NAME}` is read in files alone. */
function unquoted(config: object): object {
  return JSON.parse(JSON.stringify(config).replaceAll(/\$\{[^}]*\}/g, 'value')) as object
}
