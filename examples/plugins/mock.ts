import { apiKey, definePlugin, openaiChat } from 'byok'

export interface MockOptions {
  /** What it answers to the last thing said. Default: that, repeated. */
  answer?: (said: string) => string
}

/** A provider that costs nothing and needs no network, for trying a program out and for its tests. */
export function mock({ answer = (said) => `You said: ${said}` }: MockOptions = {}) {
  return definePlugin({
    name: 'mock',
    title: 'Mock',
    models: ['mock-1'],
    auth: [apiKey({ optional: true })],
    translator: openaiChat(),
    executor: async ({ request }) => {
      const text = answer(lastSaid(request.body))
      const base = { id: 'mock', created: 0, model: request.model }
      const usage = { prompt_tokens: 1, completion_tokens: text.length, total_tokens: 1 + text.length }
      if (!request.stream) {
        const message = { role: 'assistant', content: text }
        const choices = [{ index: 0, message, finish_reason: 'stop' }]
        return Response.json({ ...base, object: 'chat.completion', choices, usage })
      }
      const deltas = [{ role: 'assistant' }, ...(text.match(/\S+\s*/g) ?? []).map((content) => ({ content }))]
      const steps = deltas.map((delta) => ({ delta, finish_reason: null as string | null }))
      const chunks = [...steps, { delta: {}, finish_reason: 'stop' }].map((choice) => ({
        ...base,
        object: 'chat.completion.chunk',
        choices: [{ index: 0, ...choice }],
      }))
      const frames = [...chunks, { ...base, object: 'chat.completion.chunk', choices: [], usage }]
      const body = [...frames.map((frame) => JSON.stringify(frame)), '[DONE]']
        .map((data) => `data: ${data}\n\n`)
        .join('')
      return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
    },
  })
}

function lastSaid({ messages }: Record<string, unknown>): string {
  const last: unknown = Array.isArray(messages) ? messages.at(-1) : undefined
  const content = typeof last === 'object' && last !== null && 'content' in last ? last.content : ''
  return typeof content === 'string' ? content : JSON.stringify(content)
}
