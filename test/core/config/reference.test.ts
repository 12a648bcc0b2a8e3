import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { everyKey, README, withReference } from '../../../scripts/config-reference.ts'
import { configKeys } from '../../../src/core/config/reference.ts'
import { configSchema } from '../../../src/core/config/schema.ts'

it('README has the reference of the schema; `npx tsx scripts/config-reference.ts` writes it', async () => {
  const readme = await readFile(README, 'utf8')
  expect(readme).toBe(await withReference(readme))
})

it('README has the keys too that one provider has alone', async () => {
  const readme = await readFile(README, 'utf8')
  const own = ['kiro.region', 'kiro.start_url', 'copilot.domain', 'kimi.region', 'claude.prompt_cache']
  expect(own.filter((key) => !readme.includes(`| \`providers.${key}\` `))).toEqual([])
})

it('every key is described', () => {
  expect(everyKey().filter(({ description }) => description === '')).toEqual([])
})

it('shows defaults and types as people write them', () => {
  const keys = new Map(configKeys(configSchema).map((row) => [row.key, row]))
  expect(keys.get('server.keep_alive')).toMatchObject({ type: 'time', default: '15s' })
  expect(keys.get('providers.<name>.api_keys[].label')).toMatchObject({ type: 'text' })
  expect(keys.get('log.format')).toMatchObject({ type: '`auto`, `pretty` or `json`', default: '"auto"' })
})
