import { join } from 'node:path'
import { describe, it } from 'vitest'
import { cli, expectCorrected, TASK, withWorkshop } from './workshop.ts'

describe('Continue', () => {
  it.each(['claude', 'codex', 'gemini', 'local', 'kimi'] as const)('corrects a file by a model of %s', (kind) =>
    withWorkshop(kind, async (shop) => {
      await shop.setUp('continue')
      shop.script([
        { tool: 'Read', arguments: ({ file }) => ({ filepath: file }), text: 'Let me look.' },
        {
          tool: 'MultiEdit',
          arguments: ({ file }) => ({
            file_path: file,
            edits: [{ old_string: 'The sky is green.', new_string: 'The sky is blue.' }],
          }),
        },
      ])
      const bin = cli('@continuedev', 'cli', 'dist', 'cn.js')
      const config = join(shop.home, '.continue', 'config.yaml')
      // What it asks for beyond its model: figures of how it is used, and itself, anew.
      const ran = await shop.run([process.execPath, bin, '--config', config, '--auto', '-p', TASK], {
        CONTINUE_METRICS_ENABLED: '0',
        CONTINUE_CLI_AUTO_UPDATED: '1',
      })
      await expectCorrected(shop, ran)
    }),
  )
})
