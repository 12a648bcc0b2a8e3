import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { PNG } from '../upstreams/openai-images.ts'
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

/** A ChatGPT login of Codex' own, as it keeps one (openai/codex codex-rs/login/src/auth/storage.rs); byok does not read it. */
async function signIn(home: string): Promise<void> {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const claims = { chatgpt_account_id: 'acct', chatgpt_plan_type: 'plus', chatgpt_user_id: 'user' }
  const payload = { email: 'me@example.com', exp: 4_102_444_800, 'https://api.openai.com/auth': claims }
  const token = [part({ alg: 'none' }), part(payload), part({})].join('.')
  const tokens = { id_token: token, access_token: token, refresh_token: 'any', account_id: 'acct' }
  const login = { auth_mode: 'chatgpt', OPENAI_API_KEY: null, tokens, last_refresh: new Date().toISOString() }
  await mkdir(join(home, '.codex'), { recursive: true })
  await writeFile(join(home, '.codex', 'auth.json'), JSON.stringify(login))
}

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

  it('takes byok for OpenAI with a ChatGPT login, and draws through it', () =>
    withWorkshop(
      'gemini',
      async ({ byok, fake, home, project, script, turns, run }) => {
        await signIn(home)
        const fox = join(project, 'fox.png')
        await writeFile(fox, Buffer.from(PNG, 'base64'))
        script([
          { tool: 'image_gen__imagegen', arguments: () => ({ prompt: 'a red fox' }) },
          {
            tool: 'image_gen__imagegen',
            arguments: () => ({ prompt: 'add a red hat', referenced_image_paths: [fox] }),
          },
        ])
        const own = ['-c', `openai_base_url="${byok.url}/v1"`, '-m', 'gpt-5.5']
        const ran = await run([process.execPath, CODEX, ...exec, ...own])
        expect([ran.code, ran.out], ran.err).toEqual([0, expect.stringContaining(DONE)])
        expect(ran.err).not.toContain('failed to refresh available models')
        const drawn = fake.requests.filter(({ path }) => path.includes('flash-image')).map(({ text }) => text)
        expect(drawn).toEqual([
          expect.stringContaining('a red fox'),
          expect.stringMatching(/inlineData.*add a red hat/),
        ])
        // The model sees what was drawn.
        expect(turns.at(-1)?.text).toContain(PNG)
      },
      { name: 'gpt-5.5', config: { models: { 'gpt-image-2': 'gemini/gemini-2.5-flash-image' } } },
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
