import { describe, it } from 'vitest'
import { cli, expectCorrected, NEWER_NODE, TASK, withWorkshop } from './workshop.ts'

describe('pi', () => {
  it.each(['claude', 'codex', 'gemini', 'local', 'kimi'] as const)('corrects a file by a model of %s', (kind) =>
    withWorkshop(kind, async (shop) => {
      await shop.setUp('pi')
      shop.script([
        { tool: 'read', arguments: ({ file }) => ({ path: file }), text: 'Let me look.' },
        {
          tool: 'edit',
          arguments: ({ file }) => ({
            path: file,
            edits: [{ oldText: 'The sky is green.', newText: 'The sky is blue.' }],
          }),
        },
      ])
      const bin = cli('@earendil-works', 'pi-coding-agent', 'dist', 'bundle', 'cli.js')
      // What it asks for beyond its model: itself, anew, and its list of models.
      const ran = await shop.run([NEWER_NODE, bin, '-p', TASK], { PI_OFFLINE: '1', PI_TELEMETRY: '0' })
      await expectCorrected(shop, ran)
    }),
  )
})
