import assert from 'node:assert/strict'
import type { ConformanceCase } from '../case.ts'
import { gate, isApiError } from '../expect.ts'

const messages = [{ role: 'user' as const, content: 'Slowly.' }]

/** Tells each comment in an answer's body. */
function watched(onComment: () => void): typeof fetch {
  return async (input, init) => {
    const response = await fetch(input, init)
    const decoder = new TextDecoder()
    const watch = new TransformStream<Uint8Array, Uint8Array>({
      transform(bytes, controller) {
        // The server writes a comment in one piece.
        if (decoder.decode(bytes, { stream: true }).startsWith(':')) onComment()
        controller.enqueue(bytes)
      },
    })
    return new Response(response.body?.pipeThrough(watch), response)
  }
}

/** Each step is sent once the client has the one before it, and has heard that byok is still there. */
export const slow: ConformanceCase = {
  id: 'slow-stream',
  title: 'Slow stream',
  ways: ['stream'],
  async run({ fake, client, model }) {
    const waits = [gate(), gate()]
    const [first, second] = waits
    assert.ok(first && second)
    fake.say({ steps: [{ wait: first.passed }, { text: 'Hel' }, { wait: second.passed }, { text: 'lo' }] })
    let text = ''
    const watching = client.withOptions({
      fetch: watched(() => {
        first.open()
        if (text === 'Hel') second.open()
      }),
    })
    const stream = await watching.chat.completions.create({ model, messages, stream: true })
    for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? ''
    assert.equal(text, 'Hello')
  },
}

/** A client that goes away stops the vendor at once. */
export const abort: ConformanceCase = {
  id: 'abort',
  title: 'Client goes away',
  spoils: true,
  async run({ fake, client, model, streaming }) {
    const held = gate()
    const before = fake.requests.length
    try {
      if (streaming) {
        fake.say({ steps: [{ text: 'Hel' }, { wait: held.passed }, { text: 'lo' }] })
        const stream = await client.chat.completions.create({ model, messages, stream: true })
        for await (const chunk of stream) if (chunk.choices[0]?.delta.content) break
      } else {
        fake.say({ steps: [{ wait: held.passed }, { text: 'Hello' }] })
        const abortion = new AbortController()
        const asked = client.chat.completions.create({ model, messages }, { signal: abortion.signal })
        const outcome = asked.then(
          () => assert.fail('the answer should not have come'),
          (error: unknown) => error,
        )
        while (fake.requests.length === before) await new Promise(setImmediate)
        abortion.abort()
        assert.ok(isApiError(await outcome))
      }
      assert.equal(await fake.requests.at(-1)?.aborted, true)
    } finally {
      held.open()
    }
  },
}
