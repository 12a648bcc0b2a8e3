import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SentEvents, usageOfUnfinished } from '../../../../src/core/exchange/stream/unfinished.ts'
import { estimateText } from '../../../../src/core/tokens/estimate.ts'
import type { RequestInfo } from '../../../../src/index.ts'
import type { ScriptStep } from '../../../../src/testing/script.ts'
import { KINDS, serveEveryone } from '../../../conformance/providers.ts'
import type { Everyone, Kind } from '../../../conformance/providers.ts'

const PROMPT = 'Tell me of the sea, and of what lives in it. '.repeat(40)
const WORDS = Array.from({ length: 300 }, (_, at) => ` word${at}`)
const IN = estimateText(PROMPT)
const OUT = estimateText(WORDS.join(''))

const messages = [{ role: 'user', content: PROMPT }]
const ASK: Record<string, (model: string) => [path: string, body: object]> = {
  chat: (model) => ['/v1/chat/completions', { model, stream: true, messages }],
  messages: (model) => ['/v1/messages', { model, stream: true, max_tokens: 999, messages }],
  responses: (model) => ['/v1/responses', { model, stream: true, store: false, input: messages }],
  gemini: (model) => [
    `/v1beta/models/${model}:streamGenerateContent?alt=sse`,
    { contents: [{ role: 'user', parts: [{ text: PROMPT }] }] },
  ],
}

let everyone: Everyone
beforeAll(async () => {
  const keys = [
    { key: 'editor', label: 'editor' },
    { key: 'bounded', label: 'bounded', budget: { tokens_per_day: Math.round(IN + OUT / 2) } },
  ]
  everyone = await serveEveryone({ server: { keys } })
})
afterAll(() => everyone.close())

const send = (words: string, model: string, signal?: AbortSignal, key = 'editor') => {
  const [path, body] = ASK[words]?.(model) ?? ['', {}]
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
  return fetch(everyone.url + path, { method: 'POST', body: JSON.stringify(body), headers, ...(signal && { signal }) })
}

/** Asks, and hangs up after the last of the words. */
async function leave(words: string, kind: Kind, key?: string): Promise<RequestInfo> {
  everyone.fakes[kind].say({ steps: [{ text: WORDS }, { wait: new Promise(() => {}) }] })
  const stop = new AbortController()
  const ended = new Promise<RequestInfo>((resolve) => {
    everyone.byok.hooks.hookOnce('response', ({ info }) => resolve(info))
  })
  const response = await send(words, KINDS[kind].model, stop.signal, key)
  expect(response.status).toBe(200)
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  for (let text = ''; !text.includes('word299');) text += (await reader?.read())?.value ?? ''
  stop.abort()
  return await ended
}

describe.each([
  ['chat', 'local', 'as they are'],
  ['messages', 'claude', 'as they are'],
  ['responses', 'codex', 'as they are'],
  ['gemini', 'gemini', 'as they are'],
  ['chat', 'claude', 'translated'],
  ['messages', 'local', 'translated'],
  ['responses', 'gemini', 'translated'],
] as const)('a stream of %s of %s, %s,', (words, kind, _way) => {
  it('that its client leaves is counted by an estimate', async () => {
    const { usage, outcome } = await leave(words, kind)
    expect(outcome).toBe('aborted')
    expect(usage).toMatchObject({ estimated: true })
    // The prompt is told by some at the beginning: by the fakes as a few tokens.
    expect(usage?.input).toBeGreaterThan(0)
    expect(usage?.output).toBeGreaterThan(OUT * 0.6)
    expect(usage?.output).toBeLessThan(OUT * 1.6)
  })

  it('that is cut is counted too', async () => {
    const steps: ScriptStep[] = [{ text: WORDS }, { cut: true }]
    everyone.fakes[kind].say({ steps })
    const ended = new Promise<RequestInfo>((resolve) => {
      everyone.byok.hooks.hookOnce('response', ({ info }) => resolve(info))
    })
    await (await send(words, KINDS[kind].model)).text().catch(() => {})
    const { usage, outcome } = await ended
    expect(outcome).toBe('error')
    expect(usage).toMatchObject({ estimated: true })
    expect(usage?.output).toBeGreaterThan(OUT * 0.6)
  })
})

it('counts the prompt where nobody told it, and for the budget of its client', async () => {
  const { usage } = await leave('chat', 'local', 'bounded')
  expect(usage?.input).toBeGreaterThanOrEqual(IN)
  const refused = await send('chat', KINDS.local.model, undefined, 'bounded')
  expect(refused.status).toBe(429)
  expect(await refused.json()).toMatchObject({ error: { code: 'budget_exceeded' } })
})

it('takes what was told at the end for all of it', () => {
  const events = new SentEvents()
  events.note({ type: 'usage', usage: { input: 9, output: 1 } })
  events.note({ type: 'text', text: 'Hello' })
  expect(events.sent).toEqual({ tokens: estimateText('Hello'), told: undefined })
  expect(usageOfUnfinished(events.sent, { input: 9, output: 1 }, () => 100)).toEqual({
    input: 9,
    output: 2,
    estimated: true,
  })
  events.note({ type: 'usage', usage: { input: 9, output: 4 } })
  expect(events.sent.told).toBeUndefined()
  events.note({ type: 'finish', reason: 'stop' })
  expect(usageOfUnfinished(events.sent, undefined, () => 100)).toEqual({ input: 9, output: 4 })
})
