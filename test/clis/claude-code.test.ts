import { describe, it } from 'vitest'
import { cli, expectCorrected, TASK, withWorkshop } from './workshop.ts'

const OFF = {
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
  DISABLE_AUTOUPDATER: '1',
  DISABLE_TELEMETRY: '1',
}

describe('Claude Code', () => {
  it.each(['codex', 'gemini', 'local', 'kimi'] as const)('corrects a file by a model of %s', (kind) =>
    withWorkshop(kind, async (shop) => {
      await shop.setUp('claude-code')
      shop.script([
        { tool: 'Read', arguments: ({ file }) => ({ file_path: file }), text: 'Let me look.' },
        {
          tool: 'Edit',
          arguments: ({ file }) => ({ file_path: file, old_string: 'sky is green', new_string: 'sky is blue' }),
        },
      ])
      const wrapper = cli('@anthropic-ai', 'claude-code', 'cli-wrapper.cjs')
      const ran = await shop.run([process.execPath, wrapper, '-p', TASK, '--permission-mode', 'acceptEdits'], OFF)
      await expectCorrected(shop, ran)
    }),
  )
})
