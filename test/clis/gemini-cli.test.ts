import { describe, it } from 'vitest'
import { cli, expectCorrected, TASK, withWorkshop } from './workshop.ts'

describe('Gemini CLI', () => {
  it.each(['claude', 'codex', 'local', 'kimi'] as const)('corrects a file by a model of %s', (kind) =>
    withWorkshop(kind, async (shop) => {
      await shop.setUp('gemini-cli')
      // What it asks for beyond its model: figures of how it is used, and news of itself.
      await shop.settings('.gemini/settings.json', {
        privacy: { usageStatisticsEnabled: false },
        general: { enableAutoUpdate: false, enableAutoUpdateNotification: false },
      })
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
      const bin = cli('@google', 'gemini-cli', 'bundle', 'gemini.js')
      const ran = await shop.run([process.execPath, bin, '-p', TASK, '--approval-mode', 'auto_edit', '--skip-trust'])
      await expectCorrected(shop, ran)
    }),
  )
})
