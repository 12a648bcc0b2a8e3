import { access, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { CommandDef } from 'citty'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { builtins } from '../src/builtins.ts'
import { main } from '../src/cli/commands.ts'
import { jsonArg } from '../src/cli/json.ts'
import { configArgs } from '../src/cli/with-byok.ts'
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
  [...text.matchAll(/^```(\w*)\n([^]*?)^```$/gm)].flatMap(([, name, code]) => (name === language && code ? [code] : []))

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
    // What a tool other than byok is told has keys of its own.
    if (path.startsWith('clients/')) return
    for (const block of blocks(text, 'yaml')) await check(block)
  })

  it('names only commands that there are', async () => {
    expect(await faultsOf(commandsIn(text))).toEqual([])
  })
})

it("the site's side bar leads to every page that is kept", async () => {
  const config = await readFile(join(DOCS, '.vitepress/config.ts'), 'utf8')
  const made = generatedPages()
  const kept = [...pages.keys()].filter((path) => path !== 'index.md' && !made.has(path))
  for (const path of kept) expect(config).toContain(`link: '/${path.replace(/\.md$/, '')}'`)
})

it('README names only commands that there are', async () => {
  const text = await readFile(join(DOCS, '../README.md'), 'utf8')
  // Its list of them has a description after each.
  const list = blocks(text, '').find((block) => block.startsWith('byok serve')) ?? ''
  const listed = list.match(/^byok [a-z].*?(?=  |$)/gm) ?? []
  expect(await faultsOf(commandsIn(text))).toEqual([])
  expect(await faultsOf(listed.map((line) => line.replaceAll(/[[\]|]/g, ' ')))).toEqual([])
})

it('docs/cli.md tells of the options that commands share', () => {
  const text = pages.get('cli.md') ?? ''
  const shared = { ...configArgs, json: jsonArg }
  expect(Object.keys(shared).filter((name) => !text.includes(`\`--${name}`))).toEqual([])
})

it('README has only config that is valid', async () => {
  for (const block of blocks(await readFile(join(DOCS, '../README.md'), 'utf8'), 'yaml')) await check(block)
})

it('examples/compose starts byok itself, since npx ends at SIGTERM and tells nobody', async () => {
  const folder = join(DOCS, '../examples/compose')
  const started: unknown[] = []
  for (const name of await readdir(folder)) {
    const text = await readFile(join(folder, name), 'utf8')
    if (name === 'Dockerfile') started.push(JSON.parse(/^CMD (.*)$/m.exec(text)?.[1] ?? ''))
    if (name.endsWith('.yaml')) {
      const { services } = composeSchema.parse(parse(text))
      if (services.byok.command) started.push(services.byok.command)
    }
  }
  expect(started).toEqual([
    ['byok', 'serve', '--host', '0.0.0.0'],
    ['byok', 'serve', '--host', '0.0.0.0', '--workers', 'auto'],
  ])
})

const composeSchema = z.object({ services: z.object({ byok: z.object({ command: z.array(z.string()).optional() }) }) })

/** Reads a file of config as byok does, with every variable that it names. @throws {ConfigError} */
async function check(text: string): Promise<void> {
  const cwd = await mkdtemp(join(tmpdir(), 'byok-docs-'))
  try {
    await writeFile(join(cwd, 'byok.config.yaml'), text)
    const names = [...text.matchAll(/\$\{(\w+)/g)].map(([, name = '']) => name)
    const env = { HOME: cwd, ...Object.fromEntries(names.map((name) => [name, 'value'])) }
    const loaded = await loadConfig({ cwd, env })
    expect(loaded.finish(builtins).config).toBeDefined()
  } finally {
    await rm(cwd, { recursive: true })
  }
}

/** What a page gives a shell to run, and what it names in its sentences. */
function commandsIn(text: string): string[] {
  const shell = blocks(text, 'sh').flatMap((block) => block.match(/^(?:npm run |npx )?byok .*$/gm) ?? [])
  const inline = [...text.matchAll(/`(byok [a-z][^`]*)`/g)].map(([, line = '']) => line)
  return [...shell, ...inline].map((line) =>
    line.replace(/^(npm run byok --|npm run |npx )/, '').replace(/\s[#>|&].*$/s, ''),
  )
}

/** Those that byok would refuse: by a word that is no command, an option it does not have, or a word that is missing. */
async function faultsOf(lines: string[]): Promise<string[]> {
  const faults = await Promise.all(lines.map(async (line) => (await isCommand(line)) || line))
  return faults.filter((fault) => fault !== true)
}

async function isCommand(line: string): Promise<boolean> {
  const words = line.split(/\s+/).filter((word) => word !== '' && word !== 'byok' && word !== '--')
  let command: CommandDef = main
  while (words[0] && !words[0].startsWith('-')) {
    const child = (await valueOf(command.subCommands))?.[words[0]]
    if (!child) break
    command = (await valueOf(child)) ?? command
    words.shift()
  }
  // A plugin's own, as a page names them.
  if (command === main) return words[0]?.startsWith('<') ?? false
  const args = Object.entries((await valueOf(command.args)) ?? {})
  const names = args.flatMap(([name, definition]) =>
    definition.type === 'positional'
      ? []
      : [name, `no-${name}`, ...('alias' in definition ? [definition.alias ?? []].flat() : [])],
  )
  const options = words.filter((word) => word.startsWith('-')).map((word) => word.replace(/^--?|=.*/g, ''))
  const needed = args.filter(([, { type, required }]) => type === 'positional' && required === true)
  const given = words.filter((word) => !word.startsWith('-'))
  return (
    options.every((name) => [...names, 'help'].includes(name)) && (words.length === 0 || given.length >= needed.length)
  )
}

async function valueOf<T>(value: T | Promise<T> | (() => T | Promise<T>) | undefined): Promise<T | undefined> {
  return await (value instanceof Function ? value() : value)
}
