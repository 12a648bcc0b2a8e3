import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { keepSource, passedBytes } from '../../../src/core/exchange/passed-body.ts'
import { startFakeServer } from '../../../src/testing/fake-server.ts'
import { startByok } from './support.ts'

const read = (text: string) => {
  const body = JSON.parse(text) as Record<string, unknown>
  keepSource(body, Buffer.from(text))
  return body
}
const passed = (text: string, model: string) => {
  const bytes = passedBytes(read(text), model)
  return bytes && Buffer.from(bytes).toString()
}

describe('a body that passes through', () => {
  it.each([
    ['{"model":"a/b","n":1}', '{"model":"b","n":1}'],
    [' { "n" : [ {"model":"x"} ] ,\n"model" : "a/b" } ', ' { "n" : [ {"model":"x"} ] ,\n"model" : "b" } '],
    ['{"a":{"model":"x"},"model":"a/b","model_":"model"}', '{"a":{"model":"x"},"model":"b","model_":"model"}'],
    ['{"seed":12345678901234567890,"model":"ü\\"/b"}', '{"seed":12345678901234567890,"model":"b"}'],
    [`{"a":"${'\\\\'.repeat(40)}","model":"m"}`, `{"a":"${'\\\\'.repeat(40)}","model":"b"}`],
    [`{"a":"${'x'.repeat(62)}\\"${'\\\\'.repeat(80)}\\"","model":"m"}`, undefined],
  ])('keeps every word but the model: %s', (text, expected) => {
    expect(passed(text, 'b')).toBe(expected ?? text.replace('"m"', '"b"'))
  })

  it('has the fields that byok puts to it, where it has none of them itself', () => {
    const more = { stream_options: { include_usage: true } }
    const bytes = passedBytes(read('{"seed":12345678901234567890,"model":"a","n":1}'), 'b', more)
    expect(Buffer.from(bytes ?? []).toString()).toBe(
      '{"seed":12345678901234567890,"model":"b","stream_options":{"include_usage":true},"n":1}',
    )
    expect(passedBytes(read('{"model":"a","stream_options":null}'), 'b', more)).toBeUndefined()
  })

  it.each(['{"model":"a","n":1,"model":"b"}', '{"mod\\u0065l":"a","model":"b"}', '{"n":1,"n":2,"model":"b"}'])(
    'is written anew where readers may differ about it: %s',
    (text) => expect(passed(text, 'b')).toBeUndefined(),
  )

  it('is written anew where nobody knows its bytes', () => {
    expect(passedBytes({ model: 'a' }, 'b')).toBeUndefined()
  })

  it('is the same JSON, whatever it holds', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ unit: 'binary', maxLength: 5 }), fc.jsonValue()),
        fc.string({ unit: 'binary', maxLength: 200 }),
        fc.string({ unit: 'binary' }),
        fc.nat(3),
        (rest, named, model, space) => {
          const { model: _, ...others } = rest
          const body = { ...others, model: named, after: 1 }
          const text = passed(JSON.stringify(body, undefined, space), model)
          // Undefined is right as well, for keys that need escapes.
          if (text !== undefined) expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify({ ...body, model })))
          else expect(Object.keys(body).some((key) => JSON.stringify(key).includes('\\'))).toBe(true)
        },
      ),
    )
  })

  it.each([
    ['as it was written', {}, '{"model":"m",  "seed":12345678901234567890}'],
    [
      'as a hook changed it',
      { request: ({ body }: { body: Record<string, unknown> }) => void (body['seed'] = 7) },
      '{"model":"m","seed":7}',
    ],
    [
      'as text, for hooks that look at it',
      { upstreamRequest: ({ init }: { init: { body?: unknown } }) => void (init.body = `${String(init.body)} `) },
      '{"model":"m","seed":12345678901234567000} ',
    ],
  ])('comes to the provider %s', async (_, hooks, expected) => {
    let received = ''
    const server = await startFakeServer((request, reply) => {
      received = request.text
      reply.json(200, { choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }] })
    })
    onTestFinished(() => server.close())
    const byok = await startByok({
      providers: {
        local: { type: 'openai-compatible', api_key: 'k', base_url: `${server.url}/v1`, models: ['m'] },
      },
      hooks,
    })
    const response = await byok.fetch(
      new Request('http://localhost/v1/chat/completions', {
        method: 'POST',
        body: '{"model":"local/m",  "seed":12345678901234567890}',
      }),
    )
    expect(response.status).toBe(200)
    expect(received).toBe(expected)
  })

  it('comes to the provider as it was written where byok asks for usage, and where the provider will not be asked', async () => {
    const received: string[] = []
    const server = await startFakeServer((request, reply) => {
      received.push(request.text)
      reply.json(422, { detail: 'stream_options: Extra inputs are not permitted' })
    })
    onTestFinished(() => server.close())
    const byok = await startByok({
      providers: { local: { type: 'openai-compatible', api_key: 'k', base_url: `${server.url}/v1`, models: ['m'] } },
    })
    const body = '{"model":"local/m",  "seed":12345678901234567890, "stream":true}'
    await byok.fetch(new Request('http://localhost/v1/chat/completions', { method: 'POST', body }))
    expect(received).toEqual([
      '{"model":"m","stream_options":{"include_usage":true},  "seed":12345678901234567890, "stream":true}',
      '{"model":"m",  "seed":12345678901234567890, "stream":true}',
    ])
  })
})
