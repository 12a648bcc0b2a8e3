import { describe, expect, it, onTestFinished } from 'vitest'
import { startAmpServer } from './amp-server.ts'
import { cli, expectCorrected, TASK, withWorkshop } from './workshop.ts'

const KEY = 'sgamp_test'
/** What it asks for in its mode `smart`. */
const MODEL = 'claude-opus-4-5-20251101'

// The last version that asks models itself; those since may have Amp ask them.
describe('Amp', () => {
  it.each(['claude', 'codex', 'gemini', 'local', 'kimi'] as const)('corrects a file by a model of %s', async (kind) => {
    const amp = await startAmpServer(KEY)
    onTestFinished(() => amp.close())
    await withWorkshop(
      kind,
      async (shop) => {
        await shop.setUp('amp')
        // It asks for thinking, without which Anthropic takes no tool calls back.
        const reasoning = 'The sky is blue.'
        shop.script([
          { reasoning, tool: 'Read', arguments: ({ file }) => ({ path: file }), text: 'Let me look.' },
          {
            reasoning,
            tool: 'edit_file',
            arguments: ({ file }) => ({
              path: file,
              old_str: 'The sky is green.',
              new_str: 'The sky is blue.',
            }),
          },
        ])
        const bin = cli('@sourcegraph', 'amp', 'dist', 'main.js')
        const ran = await shop.run([process.execPath, bin, '--dangerously-allow-all', '-x', TASK], {
          AMP_API_KEY: KEY,
          AMP_SKIP_UPDATE_CHECK: '1',
        })
        await expectCorrected(shop, ran)
        expect(amp.asked).toContain('POST /api/internal?getUserInfo')
        expect(amp.asked.filter((one) => one.includes('/provider/'))).toEqual([])
      },
      { name: MODEL, config: { amp: { upstream_url: amp.url } } },
    )
  })
})
