/** Writes docs/faults.md from the tables of the fault suite. Run: `npm run docs:faults` */
import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { format, resolveConfig } from 'prettier'

export const DOC = fileURLToPath(new URL('../docs/faults.md', import.meta.url))
const TABLES = ['faults.ts', 'machine.ts'].map((name) => new URL(`../test/faults/${name}`, import.meta.url))

/** The tables' texts are read from their source: to load it would need the test runner. */
export async function faultsDoc(): Promise<string> {
  const source = (await Promise.all(TABLES.map((table) => readFile(table, 'utf8')))).join('\n')
  const rows = [...source.matchAll(/\n {4}fault: (.+),\n {4}client:\s+(.+),\n {4}kept: (.+),\n {4}recovers: (.+),\n/g)]
  const constants = new Map(
    [...source.matchAll(/\nconst ([A-Z]+) = '(.+)'(?=\n)/g)].map(([, name, text]) => [name, text]),
  )
  const cell = (text = '') => (constants.get(text) ?? text.replace(/^['"]|['"]$/g, '')).replaceAll('|', '\\|')
  const lines = rows.map(([, ...cells]) => `| ${cells.map(cell).join(' | ')} |`)
  const text = `# When things break

What byok does, as the fault suite (\`test/faults/\`) finds it with a started server. Written by \`npm run docs:faults\`.

| what breaks | what the client sees | what is kept | it recovers with |
|---|---|---|---|
${lines.join('\n')}
`
  return await format(text, { ...(await resolveConfig(DOC)), parser: 'markdown' })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await writeFile(DOC, await faultsDoc())
