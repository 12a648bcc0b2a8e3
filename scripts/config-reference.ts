/** Writes the config reference into README.md, from the schema. Run: `npx tsx scripts/config-reference.ts` */
import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { format, resolveConfig } from 'prettier'
import { configKeys, referenceTable } from '../src/core/config/reference.ts'
import { configSchema } from '../src/core/config/schema.ts'

export const README = fileURLToPath(new URL('../README.md', import.meta.url))

const BETWEEN = /(<!-- config-reference:start -->\n)[\s\S]*?(<!-- config-reference:end -->)/

/** README's text with the reference of today's schema in it. */
export async function withReference(readme: string): Promise<string> {
  if (!BETWEEN.test(readme)) throw new Error('README.md has no config-reference markers')
  const table = referenceTable(configKeys(configSchema))
  const options = await resolveConfig(README)
  const formatted = await format(table, { ...options, parser: 'markdown' })
  return readme.replace(BETWEEN, (_match, start: string, end: string) => `${start}\n${formatted}\n${end}`)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await writeFile(README, await withReference(await readFile(README, 'utf8')))
}
