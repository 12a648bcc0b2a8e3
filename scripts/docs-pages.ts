/**
 * Writes the pages of the documentation that follow from the code: the config reference, a page for each provider and for each
 * client. They are made before the site is built and are not kept. Run: `npm run docs:build`
 */
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { builtins } from '../src/builtins.ts'
import { tools } from '../src/core/setup/tools.ts'
import type { Tool } from '../src/core/setup/tool.ts'
import { configKeys, referenceTable } from '../src/core/config/reference.ts'
import type { Plugin } from '../src/core/plugin/plugin.ts'
import { everyKey } from './config-reference.ts'

const DOCS = fileURLToPath(new URL('../docs/', import.meta.url))

/** Each page's text by its path under `docs/`. */
export function generatedPages(): Map<string, string> {
  const pages = new Map([['reference/config.md', configPage()]])
  for (const plugin of builtins) pages.set(`providers/${plugin.name}.md`, providerPage(plugin))
  for (const tool of tools) pages.set(`clients/${tool.name}.md`, clientPage(tool))
  return pages
}

function configPage(): string {
  return `# Configuration reference

Every key, from the schema that checks it. \`<name>\` stands for any name, \`[]\` for each entry of a list; times are milliseconds or
text such as \`30s\`. \`byok config show --all\` prints what counts on your machine, and where it is from.

${referenceTable(everyKey())}
`
}

function providerPage({ name, title = name, auth, models = [], config }: Plugin): string {
  const ways = [auth ?? []].flat()
  if (ways.length === 0) return compatiblePage(title)
  const key = ways.find((method) => method.kind === 'api_key')
  const login = ways.find((method) => method.kind === 'oauth')
  const [variable] = key?.env ?? []
  const sections = [
    ...(login ? [`## With a login\n\n${login.label}:\n\n\`\`\`sh\nbyok login ${name}\n\`\`\``] : []),
    ...(key && variable !== undefined
      ? [
          `## With a key\n\n\`\`\`sh\nexport ${variable}=…\n\`\`\`\n\nor in the config:\n\n\`\`\`yaml\nproviders:\n  ${name}:\n    api_key: \${${variable}}\n\`\`\``,
        ]
      : []),
  ]
  const rows = models.map((model) => {
    const { id, aliases = [], contextWindow, maxOutputTokens } = typeof model === 'string' ? { id: model } : model
    return `| \`${id}\` | ${aliases.map((alias) => `\`${alias}\``).join(', ')} | ${contextWindow ?? ''} | ${maxOutputTokens ?? ''} |`
  })
  const own = config
    ? `\n## Its own settings\n\nUnder \`providers.${name}\`:\n\n${referenceTable(configKeys(config))}\n`
    : ''
  return `# ${title}

The provider \`${name}\`. ${title}'s terms apply to what you do through byok: read them before you sign in.

${sections.join('\n\n')}

A key in the config takes precedence over a login. \`byok status\` shows what byok has.

## Models

\`${name}/MODEL\` asks this provider for any model, listed here or not. \`byok models\` shows what can be used now.

| model | also called | context | output |
| --- | --- | ---: | ---: |
${rows.join('\n')}
${own}
What works through it is in the [table of providers](../providers.md).
`
}

function compatiblePage(title: string): string {
  return `# ${title}

Any endpoint that speaks OpenAI's Chat Completions is a provider from config alone; give it a name of its own:

\`\`\`yaml
providers:
  openrouter:
    type: openai-compatible
    base_url: https://openrouter.ai/api/v1
    api_key: \${OPENROUTER_API_KEY}
  ollama: # needs no key
    type: openai-compatible
    base_url: http://localhost:11434/v1
\`\`\`

\`openrouter/MODEL\` asks it for a model. Those it lists itself are offered too; \`models\` adds others.
`
}

function clientPage({ name, title, files, notes }: Tool): string {
  const context = { origin: 'http://localhost:8018', key: 'byok-local', model: 'MODEL', modelGiven: false }
  const written = files.map(({ path, edit }) => {
    const kind = path.endsWith('.json')
      ? 'json'
      : path.endsWith('.toml')
        ? 'toml'
        : /\.ya?ml$/.test(path)
          ? 'yaml'
          : 'ini'
    return `\`~/${path}\`:\n\n\`\`\`${kind}\n${edit('', context).trim()}\n\`\`\``
  })
  const lines = notes(context)
  return `# ${title}

\`\`\`sh
byok setup ${name}          # shows these settings, with your port, key and model
byok setup ${name} --write  # puts them in place, asked first
byok setup ${name} --undo   # takes them out again
\`\`\`

${written.join('\n\n')}
${lines.length > 0 ? `\n${lines.map((line) => (line.startsWith(' ') ? `\n    ${line.trim()}\n` : `${line}`)).join('\n')}\n` : ''}
\`byok serve\` has to run. \`MODEL\` is any that \`byok models\` lists.
`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const folder of ['reference', 'providers', 'clients']) await rm(DOCS + folder, { recursive: true, force: true })
  for (const [path, text] of generatedPages()) {
    await mkdir(dirname(DOCS + path), { recursive: true })
    await writeFile(DOCS + path, text)
  }
}
