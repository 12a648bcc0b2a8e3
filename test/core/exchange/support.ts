import { onTestFinished } from 'vitest'
import type { Byok, ByokOptions } from '../../../src/index.ts'
import type { FakeProvider } from '../../../src/testing/fake-server.ts'
import { startOpenAIChat } from '../../upstreams/openai-chat.ts'
import { passthroughSource } from '../../../src/core/exchange/stream/source.ts'
import type { PassingSource } from '../../../src/core/exchange/stream/source.ts'
import { toldError } from '../../../src/core/exchange/stream/told-error.ts'
import { StreamHead } from '../../../src/core/exchange/stream/stream-head.ts'
import { openaiChat, openaiChatProtocol } from '../../../src/core/protocols/openai-chat/index.ts'
import { createIsolatedByok } from '../../helpers/isolated-byok.ts'

/** Faked OpenAI accounts, each behind an endpoint of its own, so that each is scripted by itself. */
export async function startAccounts(...labels: string[]): Promise<Record<string, FakeProvider>> {
  const started = await Promise.all(
    labels.map(async (label) => [label, await startOpenAIChat({ key: keyOf(label) })] as const),
  )
  for (const [, fake] of started) onTestFinished(() => fake.close())
  return Object.fromEntries(started)
}

export const keyOf = (label: string) => `sk-test-${label}`

/** Their entries in `api_keys`. */
export function keysOf(accounts: Record<string, FakeProvider>, more: Record<string, object> = {}) {
  return Object.entries(accounts).map(([label, { url }]) => ({
    key: keyOf(label),
    label,
    base_url: url,
    ...more[label],
  }))
}

/** A byok that reads nothing of this machine and keeps nothing. */
export async function startByok(options: ByokOptions): Promise<Byok> {
  const byok = await createIsolatedByok({
    ...options,
    upstream: { retries: 0, ...options.upstream },
  })
  onTestFinished(() => byok.close())
  return byok
}

/** A stream of Chat Completions that passes through, of which nobody takes note. */
export function passing(body: ReadableStream<Uint8Array>): PassingSource {
  return passthroughSource({
    body,
    head: new StreamHead(openaiChat(), () => {}),
    protocol: openaiChatProtocol,
    provider: 'Acme',
    onUsage: () => {},
    onFinish: () => {},
    told: (tail) => toldError(openaiChat(), tail),
    onFailed: () => {},
  })
}

/** A whole answer. */
export const completion = (content = 'hi') => ({
  id: 'c',
  object: 'chat.completion',
  created: 1,
  model: 'large',
  choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
})

export interface Asked {
  status: number
  headers: Headers
  text: string
  json: {
    choices?: { message: { content: string } }[]
    error?: { message: string; code: string | null; type: string }
  }
}

/** One chat completion of `gpt-4o`, read to its end. */
export async function ask(byok: Byok, body: Record<string, unknown> = {}, init: RequestInit = {}): Promise<Asked> {
  const response = await open(byok, body, init)
  const text = await response.text()
  return { status: response.status, headers: response.headers, text, json: parse(text) }
}

export async function open(byok: Byok, body: Record<string, unknown> = {}, init: RequestInit = {}): Promise<Response> {
  return await byok.fetch(
    new Request('http://localhost/v1/chat/completions', {
      method: 'POST',
      body: JSON.stringify({ model: 'codex/gpt-4o', messages: [{ role: 'user', content: 'Hi' }], ...body }),
      ...init,
      headers: { 'content-type': 'application/json', ...init.headers },
    }),
  )
}

export const counts = (accounts: Record<string, FakeProvider>) =>
  Object.fromEntries(Object.entries(accounts).map(([label, { requests }]) => [label, requests.length]))

function parse(text: string): Asked['json'] {
  try {
    return JSON.parse(text) as Asked['json']
  } catch {
    return {}
  }
}
