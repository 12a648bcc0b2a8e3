import { existsSync } from 'node:fs'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import { commandLine, makeHome } from '../helpers/command-line.ts'
import { serve } from '../helpers/serve.ts'
import { startFakeServer } from '../../src/testing/fake-server.ts'

vi.setConfig({ testTimeout: 90_000 })

/** Of no vendor's shape, so that nothing but knowing them keeps them back. */
const KEY = 'canary.key.8f2a61c07d'
const LOGIN = 'canary.refresh.77aa10'
const CLIENT = 'canary.client.19be'
const POLL = { timeout: 30_000 }
const PROMPT = 'canary prompt, the dog is called Bello'

/** A plugin that does what it should not: it crashes the process with a secret in its mouth. */
const CRASHER = `export default {
  name: 'crasher',
  hooks: {
    request({ body }) {
      if (body.model !== 'crash') return
      setTimeout(() => { throw new Error('bad key ${KEY} for Bearer abcdefgh12345678') }, 0)
    },
  },
}`

it('no secret and no prompt is in anything that byok writes', async () => {
  // A vendor that quotes what it was sent.
  const fake = await startFakeServer((request, reply) => {
    const message = `bad ${request.headers.authorization ?? ''} ${request.text}`
    reply.json(request.text.includes('broken') ? 500 : 401, { error: { message, code: KEY } })
  })
  onTestFinished(() => fake.close())
  const collector = await startFakeServer((_, reply) => reply.json(200, {}))
  onTestFinished(() => collector.close())
  const config = {
    log: { level: 'debug', file: '~/.byok/byok.log' },
    server: { keys: [{ key: CLIENT, label: 'editor', admin: true }] },
    metrics: { enabled: true },
    telemetry: { enabled: true, endpoint: collector.url, interval: '1s' },
    plugins: ['./crasher.js'],
    upstream: { retries: 0 },
    providers: { codex: { api_key: KEY, base_url: fake.url }, claude: { api_keys: [LOGIN], base_url: fake.url } },
  }
  const home = await makeHome()
  await writeFile(join(home, 'crasher.js'), CRASHER)
  const served = await serve({ home, config })
  onTestFinished(() => served.dispose())
  const outputs: string[] = []
  for (const model of ['codex/gpt-4o', 'codex/broken', 'claude/claude-sonnet-4-5', `codex/${KEY}`, CLIENT]) {
    const response = await fetch(`${served.url}/v1/chat/completions?key=${CLIENT}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${CLIENT}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model, messages: [{ role: 'user', content: model.startsWith('claude') ? 'x' : PROMPT }] }),
    })
    const text = await response.text()
    // The vendor's words are the client's own question; the key is not.
    if (!model.includes('canary')) outputs.push(text.replaceAll(PROMPT, ''))
  }
  const metrics = await fetch(`${served.url}/metrics`, { headers: { authorization: `Bearer ${CLIENT}` } })
  const figures = await metrics.text()
  expect(figures).toContain('model="[secret]"')
  outputs.push(figures)
  const sent = (path: string) => collector.requests.filter((request) => request.path === path)
  await expect.poll(() => sent('/v1/traces').some(({ text }) => text.includes('chat [secret]')), POLL).toBe(true)
  await expect.poll(() => sent('/v1/metrics').some(({ text }) => text.includes('[secret]')), POLL).toBe(true)
  // Usage is written a while after its request, and belongs to what the commands show and to what is searched.
  await expect.poll(() => existsSync(join(home, '.byok', 'usage.db')), POLL).toBe(true)
  for (const command of [
    ['status', '--json'],
    ['config', 'show', '--all'],
    ['key', 'list'],
    ['usage', '--by', 'client'],
    ['doctor'],
    ['logs', '-n', '100'],
  ]) {
    const run = await commandLine(command, { home, config })
    expect(run.stdout).not.toBe('')
    outputs.push(run.stdout, run.stderr)
  }
  await fetch(`${served.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${CLIENT}` },
    body: JSON.stringify({ model: 'crash', messages: [{ role: 'user', content: PROMPT }] }),
  }).catch(() => {})
  expect(await served.exited).toBe(1)
  expect(served.stderr()).toMatch(/byok crashed: Error: bad key \[secret\] for Bearer \[secret\]\n\s+at /)
  outputs.push(served.stdout(), served.stderr())

  const files: string[] = []
  for (const entry of await readdir(home, { recursive: true, withFileTypes: true })) {
    // What the person wrote.
    if (!entry.isFile() || ['test.yaml', 'crasher.js'].includes(entry.name)) continue
    files.push(entry.name)
    outputs.push(await readFile(join(entry.parentPath, entry.name), 'latin1'))
  }
  expect(files).toEqual(expect.arrayContaining(['usage.db', 'byok.log']))
  outputs.push(...collector.requests.map(({ text }) => text))
  for (const output of outputs) {
    for (const canary of [KEY, LOGIN, CLIENT, 'Bello']) {
      expect(output.includes(canary) ? output.slice(Math.max(0, output.indexOf(canary) - 200)) : '').toBe('')
    }
  }
})
