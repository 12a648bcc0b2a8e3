/** Writes the config reference into README.md, from the schema. Run: `npx tsx scripts/config-reference.ts` */
import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { format, resolveConfig } from 'prettier'
import { builtins } from '../src/builtins.ts'
import { configKeys, referenceTable } from '../src/core/config/reference.ts'
import type { ConfigKey } from '../src/core/config/reference.ts'
import { configSchema } from '../src/core/config/schema.ts'

export const README = fileURLToPath(new URL('../README.md', import.meta.url))

const BETWEEN = /(<!-- config-reference:start -->\n)[\s\S]*?(<!-- config-reference:end -->)/

/** Every key, those that one of the built-in providers has alone behind the others. */
export function everyKey(): ConfigKey[] {
  const own = builtins.flatMap(({ name, config }) =>
    (config ? configKeys(config) : []).map((row) => ({ ...row, key: `providers.${name}.${row.key}` })),
  )
  return [...configKeys(configSchema), ...own]
}

/** README's text with the reference of today's schema in it. */
export async function withReference(readme: string): Promise<string> {
  if (!BETWEEN.test(readme)) throw new Error('README.md has no config-reference markers')
  const table = referenceTable(everyKey())
  const options = await resolveConfig(README)
  const formatted = await format(table, { ...options, parser: 'markdown' })
  return readme.replace(BETWEEN, (_match, start: string, end: string) => `${start}\n${formatted}\n${end}`)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await writeFile(README, await withReference(await readFile(README, 'utf8')))
}
