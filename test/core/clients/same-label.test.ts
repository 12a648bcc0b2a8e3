import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { expect, it, onTestFinished } from 'vitest'
import { createKey, revokeKey } from '../../../src/core/clients/manage.ts'
import type { Byok, ByokOptions } from '../../../src/index.ts'
import { createIsolatedByok } from '../../helpers/isolated-byok.ts'
import { startOpenAIChat } from '../../upstreams/openai-chat.ts'
import { ask } from '../exchange/support.ts'

/** A created key that may ask one model once a day, and a byok that knows it. */
async function start(server: ByokOptions['server'], more: ByokOptions = {}) {
  const home = await mkdtemp(join(tmpdir(), 'byok-labels-'))
  const fake = await startOpenAIChat({ key: 'sk-test' })
  const path = join(home, 'client-keys.json')
  const scope = { models: ['gpt-4o-mini'], budget: { requests_per_day: 1 } }
  const { key } = await createKey(path, 'laptop', scope)
  const byok = await createIsolatedByok({
    store: undefined,
    db: join(home, 'tokens.db'),
    providers: { codex: { api_key: 'sk-test', base_url: fake.url } },
    ...(server && { server }),
    ...more,
  })
  onTestFinished(async () => {
    await byok.close()
    await fake.close()
    await rm(home, { recursive: true, force: true })
  })
  return { byok, path, home, created: key.reveal() }
}

const by = (key: string): RequestInit => ({ headers: { authorization: `Bearer ${key}` } })
const statusOf = async (byok: Byok, model: string, key: string) => (await ask(byok, { model }, by(key))).status

it('a key of config with the label of a created one lends it nothing', async () => {
  const { byok, created } = await start({ keys: [{ key: 'of-config', label: 'laptop', admin: true }] })
  expect(await statusOf(byok, 'gpt-4o', created)).toBe(403)
  expect(await statusOf(byok, 'gpt-4o-mini', created)).toBe(200)
  expect(await statusOf(byok, 'gpt-4o-mini', created)).toBe(429)
  const details = await byok.fetch(new Request('http://localhost/health?verbose', by(created)))
  expect(details.status).toBe(403)
  expect(await statusOf(byok, 'gpt-4o', 'of-config')).toBe(200)
  expect((await byok.fetch(new Request('http://localhost/health?verbose', by('of-config')))).status).toBe(200)
  expect(byok.warnings.join()).toMatch(/server\.keys.*"laptop".*byok key create/)
})

it('each opens the page by itself, for as long as it stands', async () => {
  const { byok, path } = await start({ keys: [{ key: 'of-config', label: 'admin', admin: true }] })
  const { key } = await createKey(path, 'admin', { admin: true })
  const open = async (sent: string) => {
    const page = await byok.fetch(new Request('http://localhost/ui/api/session', { method: 'POST', ...by(sent) }))
    const cookie = /^byok_admin=[^;]+/.exec(page.headers.get('set-cookie') ?? '')?.[0] ?? ''
    return async () => (await byok.fetch(new Request('http://localhost/ui/api/usage', { headers: { cookie } }))).status
  }
  const [ofConfig, ofCreated] = [await open('of-config'), await open(key.reveal())]
  expect([await ofConfig(), await ofCreated()]).toEqual([200, 200])
  await revokeKey(path, 'admin')
  expect([await ofConfig(), await ofCreated()]).toEqual([200, 403])
})

it('is warned of when a reload brings it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'byok-labels-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const configFile = join(folder, 'config.yaml')
  await writeFile(configFile, '{}')
  const log: string[] = []
  const note = (message: string) => void log.push(message)
  const logger = { error: note, warn: note, info: note, debug: () => {} }
  const { byok } = await start(undefined, { configFiles: true, configFile, cwd: folder, env: { HOME: folder }, logger })
  expect(byok.warnings).toEqual([])
  await writeFile(configFile, stringify({ server: { keys: [{ key: 'of-config', label: 'laptop' }] } }))
  await byok.reload()
  expect(log.join('\n')).toMatch(/server\.keys.*"laptop".*byok key create/)
})

it('a key that is revoked while its body arrives has its bounds to the end', async () => {
  const { byok, path, created } = await start(undefined)
  const text = JSON.stringify({ model: 'gpt-4o', messages: [{ role: 'user', content: 'Hi' }] })
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        await revokeKey(path, 'laptop')
        // Another request comes meanwhile.
        expect(byok.clients.required).toBe(true)
        controller.enqueue(Buffer.from(text))
        controller.close()
      },
    },
    { highWaterMark: 0 },
  )
  const init = { method: 'POST', body, duplex: 'half' as const, ...by(created) }
  expect((await byok.fetch(new Request('http://localhost/v1/chat/completions', init))).status).toBe(403)
})
