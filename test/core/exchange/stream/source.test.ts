import { describe, expect, it } from 'vitest'
import { ChatError } from '../../../../src/core/chat/index.ts'
import type { ChatEvent } from '../../../../src/core/chat/index.ts'
import { eventSource, translatedSource } from '../../../../src/core/exchange/stream/source.ts'
import type { ByteSource } from '../../../../src/core/exchange/stream/source.ts'
import { sseFrames } from '../../../../src/core/frames/sse.ts'
import type { EventDecoder } from '../../../../src/core/translator/translator.ts'
import { Secret } from '../../../../src/core/secrets/secret.ts'
import { passing } from '../support.ts'

function bodyOf(...pieces: (string | Error)[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    pull(controller) {
      const piece = pieces.shift()
      if (piece === undefined) controller.close()
      else if (typeof piece === 'string') controller.enqueue(new TextEncoder().encode(piece))
      else controller.error(piece)
    },
  })
}

/** Reads events that are written as JSON; one of type `fail` is the provider's own error. */
const decoder = (): EventDecoder => ({
  push({ data }) {
    if (data === 'fail') throw new ChatError('overloaded', { status: 529, code: 'overloaded' })
    try {
      return [JSON.parse(data) as ChatEvent]
    } catch {
      throw new ChatError('no JSON', { status: 502, code: 'upstream_bad_answer' })
    }
  },
  end: () => [],
})

function translated(...pieces: (string | Error)[]): ByteSource {
  return translatedSource(
    eventSource({
      body: bodyOf(...pieces),
      frames: sseFrames(),
      events: decoder(),
      provider: 'Acme',
      onEvent: () => {},
    }),
    { push: (event) => `<${event.type === 'text' ? event.text : event.type}>`, end: () => '<end>' },
  )
}

const passed = (...pieces: (string | Error)[]) => passing(bodyOf(...pieces))

/** What came, and the code of what went wrong after. */
async function drain(source: ByteSource): Promise<[string, string | null | undefined]> {
  let text = ''
  try {
    for (let piece = await source.next(); piece; piece = await source.next()) text += Buffer.from(piece).toString()
    return [text, undefined]
  } catch (error) {
    return [text, error instanceof ChatError ? error.code : String(error)]
  }
}

const say = (text: string) => `data: ${JSON.stringify({ type: 'text', text })}\n\n`
const finish = 'data: {"type":"finish","reason":"stop"}\n\n'

describe('a translated stream', () => {
  it.each<[string, (string | Error)[], string, string | undefined]>([
    ['whole', [say('a'), say('b') + finish], '<a><b><finish><end>', undefined],
    ['cut', [say('a')], '<a>', 'upstream_stream_cut'],
    ['cut in the middle of a message', [say('a'), 'data: {"type":"te'], '<a>', 'upstream_stream_cut'],
    ['broken', [say('a'), new Error('reset')], '<a>', 'upstream_stream_cut'],
    ['broken behind its last word', [say('a'), finish, new Error('reset')], '<a><finish><end>', undefined],
    ['broken behind half a message', [say('a') + finish + 'data: {"ty', new Error()], '<a><finish><end>', undefined],
    ['failing in a piece of its own', [say('a'), 'data: fail\n\n'], '<a>', 'overloaded'],
    ['failing in the piece that brought text', [say('a') + 'data: fail\n\n'], '<a>', 'overloaded'],
    ['failing without a blank line at the end', [say('a'), 'data: fail'], '<a>', 'overloaded'],
    ['failing at once', ['data: fail\n\n'], '', 'overloaded'],
    ['unreadable', [say('a') + 'data: {]\n\n' + finish], '<a>', 'upstream_bad_answer'],
    ['empty', [], '', 'upstream_stream_cut'],
  ])('that is %s', async (_, pieces, text, code) => {
    expect(await drain(translated(...pieces))).toEqual([text, code])
  })
})

describe('a stream that passes through', () => {
  const chunk = 'data: {"choices":[{"delta":{"content":"a"},"finish_reason":"stop"}]}\n\n'
  const done = 'data: [DONE]\n\n'
  const failing = 'data: {"choices":[{"delta":{"content":"a"}}]}\n\n{"error":{"code":"rate_limit_exceeded"}}\n'

  it.each<[string, (string | Error)[], string, string | undefined]>([
    ['whole', [chunk, 'data: [DONE]\n\n'], `${chunk}data: [DONE]\n\n`, undefined],
    ['without its last line', [chunk], `${chunk}data: [DONE]\n\n`, undefined],
    [
      'cut',
      ['data: {"choices":[{"delta":{"content":"a"}}]}\n\n'],
      'data: {"choices":[{"delta":{"content":"a"}}]}\n\n',
      'upstream_stream_cut',
    ],
    ['broken', [chunk, new Error('reset')], chunk, 'upstream_stream_cut'],
    ['broken behind an error', [failing, new Error('reset')], failing, 'rate_limit_exceeded'],
    ['broken behind its last line', [chunk + done, new Error('reset')], chunk + done, undefined],
    ['broken within its last line', [`${chunk}data: [DONE]`, new Error('reset')], chunk + done, undefined],
  ])('that is %s', async (_, pieces, text, code) => {
    expect(await drain(passed(...pieces))).toEqual([text, code])
  })
})

describe('a key of byok’s in a stream that passes through', () => {
  const key = 'sk-quoted-0123456789'
  const chunk = (content: string) => `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content } }] })}\n\n`
  const said = `data: {"error": {"message": "Bad key ${key}, ä", "code": "${key}"}}\n\n`

  it('does not reach the client by an error that quotes it', async () => {
    new Secret(key).reveal()
    for (const pieces of [[chunk('Hi'), said], [chunk('Hi') + said]]) {
      const [text] = await drain(passed(...pieces))
      expect(text).toBe(chunk('Hi') + said.replaceAll(key, '[secret]'))
    }
  })

  it('is the model’s to say, as whatever else is', async () => {
    new Secret(key).reveal()
    const answer = chunk(`{"error": {"message": "${key}"}}`)
    const [text] = await drain(passed(answer, 'data: [DONE]\n\n'))
    expect(text).toBe(`${answer}data: [DONE]\n\n`)
  })
})
