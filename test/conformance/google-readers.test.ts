import { describe, expect, it } from 'vitest'
import type { Json } from '../plugins/run.ts'
import { KINDS, withEveryone } from './providers.ts'
import type { Kind } from './providers.ts'

/* Google's SDKs other than the newest for JavaScript, none of which reads a stream as server-sent events are read. */

/** What a stream told one of them. */
type Reader = (stream: string) => Json[]

/** npm's @google/generative-ai 0.24.1 and @firebase/ai: `responseLineRE` of their stream readers. */
const javascript: Reader = (stream) => {
  const messages: Json[] = []
  let rest = stream
  for (let event = nextEvent(rest); event; event = nextEvent(rest)) {
    messages.push(JSON.parse(event[1] ?? '') as Json)
    rest = rest.slice(event[0].length)
  }
  if (rest.trim() !== '') throw new Error('Failed to parse stream')
  return messages
}

const nextEvent = (text: string) => /^data: (.*)(?:\n\n|\r\r|\r\n\r\n)/.exec(text)

/** googleapis/python-genai 2.19.0 google/genai/_api_client.py, `_iter_response_stream` and `request_streamed`. */
const python: Reader = (stream) =>
  stream
    .split(/\r?\n/)
    .filter((line) => line !== '')
    .map((line) => {
      const message = JSON.parse(line.replace(/^data: /, '')) as Json
      if (message['error']) throw new Error(String(message['error'].status))
      return message
    })

/** googleapis/go-genai api_client.go, `iterateResponseStream`. */
const go: Reader = (stream) =>
  stream
    .split(/\n\n|\r\n\r\n/)
    .filter((event) => event !== '')
    .flatMap((event) => {
      if (event.startsWith('data:')) return [JSON.parse(event.slice('data:'.length)) as Json]
      throw new Error(
        event.startsWith('{') ? String((JSON.parse(event) as Json)['error'].status) : 'invalid stream chunk',
      )
    })

const readers: [name: string, header: string, Reader][] = [
  ['@google/generative-ai', 'genai-js/0.24.1', javascript],
  ['@google/genai 1.31', 'google-genai-sdk/1.31.0 gl-node/v20.20.2', javascript],
  ['Python', 'google-genai-sdk/2.19.0 gl-python/3.13.1', python],
  ['Go', 'google-genai-sdk/1.70.0 gl-go/go1.26', go],
]

const kinds = Object.keys(KINDS) as Kind[]
const everywhere = readers.flatMap(([name, header, reader]) => kinds.map((kind) => ({ name, header, reader, kind })))

async function open(url: string, kind: Kind, header: string) {
  const response = await fetch(`${url}/v1beta/models/${KINDS[kind].model}:streamGenerateContent?alt=sse`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-goog-api-client': header },
    body: JSON.stringify({ contents: [{ role: 'user', parts: [{ text: 'Hello' }] }] }),
  })
  if (!response.body) throw new Error('no stream')
  return response.body.pipeThrough(new TextDecoderStream()).getReader()
}

const partsOf = ({ candidates }: Json) => candidates[0].content.parts as Json[]

describe.each(everywhere)('$name in front of $kind', ({ header, reader, kind }) => {
  it('reads on after a silence, and finds a part in each message', async () => {
    await withEveryone(
      async ({ url, fakes }) => {
        let goOn = () => {}
        const wait = new Promise<void>((resolve) => (goOn = resolve))
        fakes[kind].say({ steps: [{ text: 'Hel' }, { wait }, { text: 'lo' }] })
        const stream = await open(url, kind, header)
        let text = ''
        for (let next = await stream.read(); !next.done; next = await stream.read()) {
          if (text.includes('Hel')) goOn()
          text += next.value
        }
        const parts = reader(text).map(partsOf)
        expect(parts).not.toContainEqual([])
        expect(parts.flatMap(([part]) => (part?.['text'] ?? []) as string).join('')).toBe('Hello')
        expect(parts.length).toBeGreaterThan(3)
      },
      { server: { keep_alive: 1 } },
    )
  })

  it('takes no answer that broke off for a whole one', async () => {
    await withEveryone(async ({ url, fakes }) => {
      fakes[kind].say({ steps: [{ text: 'Hel' }, { cut: true }] })
      const stream = await open(url, kind, header)
      let text = ''
      for (let next = await stream.read(); !next.done; next = await stream.read()) text += next.value
      expect(text).toContain('Hel')
      expect(() => reader(text)).toThrow(/UNAVAILABLE|Failed to parse stream/)
    })
  })
})

it('the newest for JavaScript gets comments, of which its chats remember nothing', async () => {
  await withEveryone(
    async ({ url, fakes }) => {
      let goOn = () => {}
      fakes.local.say({ steps: [{ wait: new Promise<void>((resolve) => (goOn = resolve)) }, { text: 'Hello' }] })
      const stream = await open(url, 'local', 'google-genai-sdk/3.3.0 gl-node/v26.1.0')
      expect((await stream.read()).value).toBe(': keep-alive\n\n')
      goOn()
      await stream.cancel()
    },
    { server: { keep_alive: 1 } },
  )
})
