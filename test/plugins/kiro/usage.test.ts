import { describe, expect, it, onTestFinished } from 'vitest'
import type { RequestInfo } from '../../../src/core/hooks.ts'
import kiro from '../../../src/plugins/kiro/index.ts'
import type { Script } from '../../../src/testing/script.ts'
import { eventFrame } from '../../upstreams/kiro-frames.ts'
import { runProvider } from '../run.ts'
import { fakeKiro } from './support.ts'

/** One chat, and what its client and byok's own books are told of its tokens. */
async function counted(script: Script, content: string) {
  const fake = await fakeKiro()
  const run = await runProvider(kiro, { settings: { api_key: 'ksk_test', base_url: fake.url } })
  onTestFinished(() => run.close())
  const infos: RequestInfo[] = []
  run.byok.hooks.hook('response', ({ info }) => void infos.push(info))
  fake.say(script)
  const { json } = await run.chat({ model: 'claude-opus-4.6', messages: [{ role: 'user', content }] })
  return { usage: json['usage'], booked: infos[0]?.usage }
}

describe('the tokens of an answer', () => {
  const text = 'a word '.repeat(200)

  it('are taken from the share of the window where Kiro tells no others', async () => {
    const { usage, booked } = await counted({ steps: [{ text }] }, 'Hi')
    // 2.168 % of a million.
    expect(usage.total_tokens).toBe(21_680)
    expect(usage.completion_tokens).toBeGreaterThan(200)
    expect(booked).toMatchObject({ input: usage.prompt_tokens, output: usage.completion_tokens, estimated: true })
  })

  it('count the calls of tools, and the thoughts', async () => {
    const call = { id: 'call_1', name: 'write', arguments: JSON.stringify({ text }) }
    const { usage } = await counted({ steps: [{ reasoning: text, signature: 'c2ln' }, { toolCall: call }] }, 'Hi')
    expect(usage.completion_tokens).toBeGreaterThan(400)
  })

  it('are counted from the request where Kiro tells nothing at all', async () => {
    const raw = eventFrame('assistantResponseEvent', { content: 'Hi' })
    const lastEvent = eventFrame('contextUsageEvent', { contextUsagePercentage: 0 })
    const { usage, booked } = await counted({ steps: [{ raw }, { raw: lastEvent }] }, text)
    expect(usage.prompt_tokens).toBeGreaterThan(200)
    expect(booked).toMatchObject({ estimated: true })
  })

  it('are what Kiro tells where it does', async () => {
    const { usage, booked } = await counted({ steps: [{ text }], usage: { input: 12, output: 3 } }, 'Hi')
    expect(usage).toMatchObject({ prompt_tokens: 12, completion_tokens: 3 })
    expect(booked).not.toHaveProperty('estimated')
  })
})
