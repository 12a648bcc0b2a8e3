import { describe, expect, it } from 'vitest'
import type { ChatEvent } from '../../../../src/core/chat/index.ts'
import { geminiProtocol } from '../../../../src/core/protocols/gemini/index.ts'
import { encodeEvents, messagesOf } from './support.ts'

const finish: ChatEvent = { type: 'finish', reason: 'tool_calls' }
const text = (words: string): ChatEvent => ({ type: 'text', text: words })
const call = (index: number): ChatEvent => ({
  type: 'tool-call',
  index,
  id: `call_${index}`,
  name: `f${index}`,
  kind: 'function',
})
const more = (index: number, words: string): ChatEvent => ({ type: 'tool-call-delta', index, arguments: words })

const partsOf = (stream: string) =>
  messagesOf(stream).flatMap(({ candidates }) => (candidates as { content: { parts: unknown[] } }[])[0]?.content.parts)
const part = (index: number, args: object) => ({ functionCall: { id: `call_${index}`, name: `f${index}`, args } })

describe('calls in a stream', () => {
  it('are sent whole, as soon as something else is said', () => {
    const encoder = geminiProtocol.encoder({ model: 'm', includeUsage: true })
    const sent = [call(0), more(0, '{"a":'), more(0, '1}'), call(1), more(1, '{}'), text('Hm'), text('!'), finish].map(
      (event) => partsOf(encoder.push(event)),
    )
    expect(sent).toEqual([[], [], [], [part(0, { a: 1 })], [], [part(1, {}), { text: 'Hm' }], [{ text: '!' }], []])
    expect(partsOf(encoder.end())).toEqual([{ text: '' }])
  })

  it('may come in turns with each other and with words', () => {
    const parts = partsOf(
      encodeEvents([
        call(0),
        call(1),
        more(0, '{"a":'),
        more(1, '{"b"'),
        text('Hm'),
        more(0, '1}'),
        more(1, ':2}'),
        call(2),
        finish,
      ]),
    )
    expect(parts).toEqual([part(0, { a: 1 }), part(1, { b: 2 }), { text: 'Hm' }, part(2, {}), { text: '' }])
  })

  it('are malformed where their arguments never are whole, and hold up nothing for good', () => {
    const stream = encodeEvents([call(0), more(0, '{"a":'), text('Hm'), call(1), more(1, '{}'), finish])
    expect(partsOf(stream)).toEqual([{ text: 'Hm' }, part(1, {}), { text: '' }])
    expect(stream).toContain('MALFORMED_FUNCTION_CALL')
  })

  it('have no more arguments when they are whole', () => {
    expect(() => encodeEvents([call(0), more(0, '{}'), text('Hm'), more(0, ' '), more(0, '{}')])).toThrow(
      'a tool call that was whole',
    )
  })
})

describe('images in a stream', () => {
  const image = (url: string) => ({ type: 'image_url', image_url: { url } })
  const [first, second] = [image('data:image/png;base64,QUE='), image('https://a.example/b.png')]
  const parts = [
    { inlineData: { mimeType: 'image/png', data: 'QUE=' } },
    { fileData: { fileUri: 'https://a.example/b.png' } },
  ]
  const told = (...images: unknown[]): ChatEvent => ({ type: 'extra', extra: { images } })

  it('are sent as they come, each once', () => {
    const encoder = geminiProtocol.encoder({ model: 'm', includeUsage: true })
    const sent = [told(first), told(second), told(first, second), finish].map((event) => partsOf(encoder.push(event)))
    expect(sent).toEqual([[parts[0]], [parts[1]], [], []])
    expect(partsOf(encoder.end())).toEqual([{ text: '' }])
  })

  it('wait for the call before them', () => {
    const sent = partsOf(encodeEvents([call(0), told(first), more(0, '{"a":1}'), told(second), finish]))
    expect(sent).toEqual([part(0, { a: 1 }), ...parts, { text: '' }])
  })
})

describe('the end of a stream', () => {
  it('has no part where nothing was said', () => {
    expect(partsOf(encodeEvents([{ type: 'finish', reason: 'content_filter' }]))).toEqual([])
  })
})
