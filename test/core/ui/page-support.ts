import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EventSourceParserStream } from 'eventsource-parser/stream'
import { onTestFinished } from 'vitest'
import { listen } from '../../../src/adapters/listen.ts'
import { createByok, createMemoryTokenStore } from '../../../src/index.ts'
import type { ByokOptions } from '../../../src/index.ts'

/** A byok that listens, with a config file of its own, and a browser on its page. */
export async function startPage(
  config: string,
  { headers = {}, ...options }: ByokOptions & { headers?: Record<string, string> } = {},
) {
  const home = await mkdtemp(join(tmpdir(), 'byok-ui-'))
  onTestFinished(() => rm(home, { recursive: true, force: true }))
  const file = join(home, 'config.yaml')
  await writeFile(file, config, { mode: 0o644 })
  const store = createMemoryTokenStore()
  const byok = await createByok({
    configFile: file,
    cwd: home,
    env: { HOME: home },
    store,
    log: { level: 'silent' },
    ...options,
  })
  onTestFinished(() => byok.close())
  const server = await listen(byok, { port: 0 })
  onTestFinished(() => server.close())
  const url = new URL(server.url).origin
  const opened = await fetch(`${url}/ui/api/session`, { method: 'POST', headers })
  const cookie = opened.headers.get('set-cookie')?.split(';')[0] ?? ''
  const get = (path: string, more: RequestInit = {}) =>
    fetch(`${url}/ui/api/${path}`, { ...more, headers: { cookie, 'sec-fetch-site': 'same-origin' } })
  const send = (path: string, body: object, method = 'POST', more: RequestInit = {}) =>
    fetch(`${url}/ui/api/${path}`, { ...more, method, body: JSON.stringify(body), headers: { cookie, origin: url } })
  return { byok, server, store, url, file, opened, cookie, get, send }
}

export async function* eventsOf(response: Response) {
  const events = response.body?.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream())
  for await (const { event, data } of events ?? []) yield { event, data: JSON.parse(data), text: data }
}
