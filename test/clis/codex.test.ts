import { describe, expect, it } from 'vitest'
import { cli, DONE, expectCorrected, PATCH, TASK, withWorkshop } from './workshop.ts'

/** What Codex asks for beyond its model: news of itself, the list of its plugins, figures of how it is used. */
const OFF = ['check_for_update_on_startup=false', 'analytics.enabled=false', 'features.plugins=false']

const exec = [
  'exec',
  '--skip-git-repo-check',
  '--dangerously-bypass-approvals-and-sandbox',
  ...OFF.flatMap((setting) => ['-c', setting]),
  TASK,
]

const CODEX = cli('@openai', 'codex', 'bin', 'codex.js')

describe('Codex CLI', () => {
  it.each(['codex', 'claude', 'gemini', 'local', 'kimi'] as const)('corrects a file by a model of %s', (kind) =>
    withWorkshop(kind, async (shop) => {
      await shop.setUp('codex')
      shop.script([
        { tool: 'exec_command', arguments: () => ({ cmd: 'cat notes.txt' }), text: 'Let me look.' },
        { tool: 'exec_command', arguments: () => ({ cmd: `apply_patch <<'EOF'\n${PATCH}EOF\n` }) },
      ])
      const ran = await shop.run([process.execPath, CODEX, ...exec])
      await expectCorrected(shop, ran)
    }),
  )

  it.each(['claude', 'gemini', 'kimi'] as const)(
    'patches a file by a model of %s under a name whose tools of free text it knows',
    (kind) =>
      withWorkshop(
        kind,
        async (shop) => {
          await shop.setUp('codex')
          shop.script([{ tool: 'apply_patch', arguments: () => ({ input: PATCH }), text: 'Done soon.' }])
          const ran = await shop.run([process.execPath, CODEX, ...exec])
          await expectCorrected(shop, ran)
        },
        { name: 'gpt-5.5' },
      ),
  )

  it('takes byok for OpenAI, and works over its WebSocket', () =>
    withWorkshop(
      'claude',
      async (shop) => {
        shop.script([{ tool: 'apply_patch', arguments: () => ({ input: PATCH }), text: 'Done soon.' }])
        const own = ['-c', `openai_base_url="${shop.byok.url}/v1"`, '-m', 'gpt-5.5']
        const ran = await shop.run([process.execPath, CODEX, ...exec, ...own], { CODEX_API_KEY: 'any' })
        await expectCorrected(shop, ran)
        // The handshake, and no request by HTTP.
        expect(shop.byok.stderr()).toMatch(/\b101\b/)
        expect(shop.byok.stderr()).not.toContain('websocket_unsupported')
      },
      { name: 'gpt-5.5' },
    ))

  it.each(['gemini', 'local', 'kimi'] as const)(
    'takes byok for OpenAI, and has a model of %s compact the session',
    (kind) =>
      withWorkshop(
        kind,
        async ({ byok, fake, run, asked }) => {
          const SUMMARY = 'The user wants notes.txt read, which was done.'
          fake.say({
            steps: [{ toolCall: { id: 'call_1', name: 'exec_command', arguments: '{"cmd":"cat notes.txt"}' } }],
            // More than it lets a conversation grow to.
            usage: { input: 300_000, output: 10 },
          })
          fake.say({ steps: [{ text: SUMMARY }], usage: { input: 100, output: 10 } })
          fake.say({ steps: [{ text: DONE }], usage: { input: 100, output: 10 } })
          const own = [`openai_base_url="${byok.url}/v1"`, 'model_auto_compact_token_limit=50000', 'model="gpt-5.5"']
          const ran = await run([process.execPath, CODEX, ...exec, ...own.flatMap((setting) => ['-c', setting])], {
            CODEX_API_KEY: 'any',
          })
          expect([ran.code, ran.out], ran.err).toEqual([0, expect.stringContaining(DONE)])
          const [, compacting, after] = fake.requests.filter(({ method }) => method === 'POST').map(({ text }) => text)
          expect(compacting).toContain('The grass is green')
          expect(after).toContain(SUMMARY)
          expect(after).not.toContain('The grass is green')
          expect([...asked]).toEqual([])
        },
        { name: 'gpt-5.5' },
      ),
  )
})
