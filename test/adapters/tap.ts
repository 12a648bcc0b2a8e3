import { definePlugin, openaiChat } from '../../src/index.ts'
import { apiKey } from '../../src/core/auth/method.ts'

/** A provider in this process whose stream is made only as it is asked for, so that a test sees who asks and when to stop. */
export function tap() {
  const state = {
    /** How many chunks there are to be. */
    chunks: 2,
    /** How many were made. */
    pulled: 0,
    /** What every chunk but the first waits for. */
    gate: undefined as Promise<void> | undefined,
    /** Resolves when byok stops the provider. */
    stopped: deferred(),
  }
  const plugin = definePlugin({
    name: 'tap',
    models: ['water'],
    auth: [apiKey({ optional: true })],
    translator: openaiChat(),
    executor: async ({ signal }) => {
      state.pulled = 0
      signal.addEventListener('abort', () => state.stopped.resolve())
      const body = new ReadableStream<Uint8Array>(
        {
          async pull(controller) {
            if (state.pulled > 0) await state.gate
            if (state.pulled === state.chunks) {
              controller.enqueue(encode({ delta: {}, finish_reason: 'stop' }))
              controller.enqueue(new TextEncoder().encode('data: [DONE]\n\n'))
              controller.close()
              return
            }
            state.pulled++
            controller.enqueue(encode({ delta: { content: DROP }, finish_reason: null }))
          },
        },
        { highWaterMark: 0 },
      )
      return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
    },
  })
  return { plugin, state }
}

const DROP = 'x'.repeat(64 * 1024)

function encode(choice: object): Uint8Array {
  const chunk = {
    id: 'c1',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'water',
    choices: [{ index: 0, ...choice }],
  }
  return new TextEncoder().encode(`data: ${JSON.stringify(chunk)}\n\n`)
}

export function deferred() {
  let resolve = () => {}
  const promise = new Promise<void>((done) => (resolve = done))
  return { promise, resolve }
}
