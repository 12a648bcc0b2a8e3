import { describe, expect, it } from 'vitest'
import { cli, DONE, expectCorrected, TASK, withWorkshop } from './workshop.ts'
import type { Ran, Workshop } from './workshop.ts'

/** Sets it up, without what it asks for beyond its model: figures of how it is used, and news of itself. */
async function setUp(shop: Workshop): Promise<void> {
  await shop.setUp('gemini-cli')
  await shop.settings('.gemini/settings.json', {
    privacy: { usageStatisticsEnabled: false },
    general: { enableAutoUpdate: false, enableAutoUpdateNotification: false },
  })
}

const run = (shop: Workshop, task: string): Promise<Ran> => {
  const bin = cli('@google', 'gemini-cli', 'bundle', 'gemini.js')
  return shop.run([process.execPath, bin, '-p', task, '--approval-mode', 'auto_edit', '--skip-trust'])
}

describe('Gemini CLI', () => {
  it.each(['claude', 'codex', 'local', 'kimi'] as const)('corrects a file by a model of %s', (kind) =>
    withWorkshop(kind, async (shop) => {
      await setUp(shop)
      shop.script([
        { tool: 'read_file', arguments: ({ file }) => ({ file_path: file }), text: 'Let me look.' },
        {
          tool: 'replace',
          arguments: ({ file }) => ({
            file_path: file,
            instruction: 'Say that the sky is blue.',
            old_string: 'The sky is green.',
            new_string: 'The sky is blue.',
          }),
        },
      ])
      await expectCorrected(shop, await run(shop, TASK))
    }),
  )

  it.each([
    ['claude', 'web_search_20250305'],
    ['codex', 'web_search'],
  ] as const)('searches the web by the model of %s it works with', (kind, type) =>
    withWorkshop(kind, async (shop) => {
      await setUp(shop)
      shop.script([{ tool: 'google_web_search', arguments: () => ({ query: 'what byok is' }) }])
      const { code, out, err } = await run(shop, 'Search the web for what byok is.')
      expect([code, out], err).toEqual([0, expect.stringContaining(DONE)])
      const search = shop.fake.requests.find(({ text }) => text.includes(`"type":"${type}"`))
      expect(search?.text).toContain('what byok is')
      // What the fake says to whatever is not the task.
      expect(shop.turns.at(-1)?.text).toMatch(/Web search results for .*what byok is.*Notes/)
    }),
  )
})
