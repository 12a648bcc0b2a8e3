import { describe, it } from 'vitest'
import { cli, expectCorrected, NEWER_NODE, TASK, withWorkshop } from './workshop.ts'

describe('Qwen Code', () => {
  it.each(['claude', 'codex', 'gemini', 'local', 'kimi'] as const)('corrects a file by a model of %s', (kind) =>
    withWorkshop(kind, async (shop) => {
      await shop.setUp('qwen-code')
      // What it asks for beyond its model: figures of how it is used, and news of itself.
      await shop.settings('.qwen/settings.json', {
        privacy: { usageStatisticsEnabled: false },
        general: { enableAutoUpdate: false },
      })
      shop.script([
        { tool: 'read_file', arguments: ({ file }) => ({ file_path: file }), text: 'Let me look.' },
        {
          tool: 'edit',
          arguments: ({ file }) => ({
            file_path: file,
            old_string: 'The sky is green.',
            new_string: 'The sky is blue.',
          }),
        },
      ])
      const bin = cli('@qwen-code', 'qwen-code', 'cli.js')
      const ran = await shop.run([NEWER_NODE, bin, '-p', TASK, '--approval-mode', 'auto-edit'])
      await expectCorrected(shop, ran)
    }),
  )
})
