import { afterEach, describe, expect, it, vi } from 'vitest'
import { openaiForEveryone } from './openai-client.ts'
import { Abort } from '../../src/core/async/abort.ts'
import { KINDS } from './providers.ts'
import type { Kind } from './providers.ts'

/* An `AbortSignal` costs as much as a small answer, so none is made for a request whose plugin does not ask for one. */

const { everyone, client } = await openaiForEveryone()
afterEach(() => void vi.restoreAllMocks())

describe.each(Object.keys(KINDS) as Kind[])('%s', (kind) => {
  const { model } = KINDS[kind]
  const messages = [{ role: 'user' as const, content: 'Hello' }]

  it.each([
    ['a chat', () => client.chat.completions.create({ model, messages })],
    [
      'a stream',
      async () => (await client.chat.completions.create({ model, messages, stream: true })).toReadableStream(),
    ],
    ['a response', () => client.responses.create({ model, input: messages, reasoning: { effort: 'low' } })],
  ])('answers %s', async (_, ask) => {
    const signal = vi.spyOn(Abort.prototype, 'signal', 'get')
    everyone.fakes[kind].say({ steps: [{ text: ['Hi ', 'there'] }] })
    const answer = await ask()
    if (answer instanceof ReadableStream) await new Response(answer).text()
    expect(signal).not.toHaveBeenCalled()
  })
})
