import fc from 'fast-check'
import { builtins } from '../../src/builtins.ts'
import { listenForCallback } from '../../src/core/auth/callback.ts'
import { readPasted } from '../../src/core/auth/redirect.ts'
import { AnswerBuilder, ChatError } from '../../src/core/chat/index.ts'
import type { ChatEvent } from '../../src/core/chat/index.ts'
import { ConfigError, loadConfig } from '../../src/core/config/index.ts'
import { rememberSecret } from '../../src/core/secrets/known-secrets.ts'
import { anthropicMessages, anthropicMessagesProtocol } from '../../src/core/protocols/anthropic-messages/index.ts'
import { geminiGenerateContent, geminiProtocol } from '../../src/core/protocols/gemini/index.ts'
import { openaiChat, openaiChatProtocol } from '../../src/core/protocols/openai-chat/index.ts'
import { openaiResponses, openaiResponsesProtocol } from '../../src/core/protocols/openai-responses/index.ts'
import { mayHoldSecret, redact } from '../../src/core/secrets/redact.ts'
import { parseClientJson } from '../../src/core/routes/json.ts'
import { sseFrames } from '../../src/core/frames/sse.ts'
import type { Frame, FrameDecoder, Translator } from '../../src/core/translator/translator.ts'
import { eventStreamFrames } from '../../src/core/frames/event-stream.ts'
import { lineFrames } from '../../src/core/frames/line-frames.ts'
import { translator as kiro } from '../../src/plugins/kiro/translator.ts'
import { translator as kimi } from '../../src/plugins/kimi/translator.ts'
import { translator as iflow } from '../../src/plugins/iflow/translator.ts'
import { chatGpt } from '../../src/plugins/codex/translator.ts'
import { dashscope } from '../../src/plugins/qwen/translator.ts'
import { changed, cut, json, name, word } from './arbitraries.ts'
import { MESSAGES, REQUESTS } from './good.ts'

/** Something that is fed with what nobody should send. Its check throws where it does what it must not. */
export interface Target {
  name: string
  /** The part of the runs it gets, where each takes long. Default: 1. */
  share?: number
  property: fc.IRawProperty<unknown, boolean>
}

const PROTOCOLS = [openaiChatProtocol, anthropicMessagesProtocol, openaiResponsesProtocol, geminiProtocol]

const TRANSLATORS: Record<string, Translator> = {
  'openai-chat': openaiChat(),
  'anthropic-messages': anthropicMessages(),
  'openai-responses': openaiResponses(),
  gemini: geminiGenerateContent(),
  chatgpt: chatGpt,
  dashscope,
  kimi,
  iflow,
  kiro,
}

/** More than this out of a message or two is growth. */
const MOST_TEXT = 4 * 1024 * 1024

/** Runs what may refuse, but only by an error of byok's own with a status that fits. */
function mayRefuse<T>(work: () => T, fits: (status: number) => boolean): T | undefined {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof ChatError)) throw error
    if (!fits(error.status)) throw new Error(`status ${error.status}: ${error.message}`, { cause: error })
    return undefined
  } finally {
    // oxlint-disable-next-line no-unsafe-finally -- Worse than whatever else went wrong.
    if (Object.keys(Object.prototype).length > 0) throw new Error('a prototype was changed')
  }
}

const isClients = (status: number) => status >= 400 && status <= 499
const isAny = (status: number) => status >= 400 && status <= 599

/** A client's body through a protocol's decoder, and what comes of it through every translator's request side. */
const decoders = PROTOCOLS.map((protocol): Target => {
  const bodies = fc.oneof(
    { weight: 4, arbitrary: changed(REQUESTS[protocol.name] ?? []) },
    { weight: 1, arbitrary: json },
  )
  return {
    name: `decode ${protocol.name}`,
    property: fc.property(bodies, (body) => {
      const chat = mayRefuse(() => protocol.decode(body), isClients)
      if (!chat) return
      for (const translator of Object.values(TRANSLATORS)) {
        const sent = mayRefuse(() => translator.request({ ...chat }), isAny)
        if (sent && JSON.stringify(sent).length > MOST_TEXT) throw new Error('the request grew')
      }
    }),
  }
})

const frame: fc.Arbitrary<Frame> = fc.record(
  {
    event: fc.option(word, { nil: undefined }),
    data: fc.oneof(
      { weight: 6, arbitrary: changed(MESSAGES).map((value) => JSON.stringify(value) ?? '') },
      { weight: 2, arbitrary: json.map((value) => JSON.stringify(value) ?? '') },
      { weight: 1, arbitrary: word },
    ),
  },
  { requiredKeys: ['data'] },
)

/** A provider's messages through a translator's decoder, and its events through every protocol's encoders. */
const streams = Object.entries(TRANSLATORS).map(([label, translator]): Target => ({
  name: `stream ${label}`,
  property: fc.property(fc.array(frame, { maxLength: 6 }), (frames) => {
    const events: ChatEvent[] = []
    mayRefuse(() => {
      const decoder = translator.events()
      for (const one of frames) events.push(...decoder.push(one))
      events.push(...decoder.end())
    }, isAny)
    for (const protocol of PROTOCOLS) {
      mayRefuse(() => {
        const encoder = protocol.encoder({ model: 'm', includeUsage: true })
        const text = events.map((event) => encoder.push(event)).join('') + encoder.end()
        if (text.length > MOST_TEXT) throw new Error('the stream grew')
      }, isAny)
      mayRefuse(() => {
        const builder = new AnswerBuilder()
        for (const event of events) builder.push(event)
        JSON.stringify(protocol.encode(builder.answer, { model: 'm', includeUsage: true }))
      }, isAny)
    }
  }),
}))

/** Whole answers and errors of a provider. */
const answers = Object.entries(TRANSLATORS).map(([label, translator]): Target => ({
  name: `answer ${label}`,
  property: fc.property(fc.oneof(changed(MESSAGES), json), fc.integer({ min: 200, max: 599 }), (body, status) => {
    mayRefuse(() => translator.answer?.(body), isAny)
    mayRefuse(() => translator.error?.(body, status, new Headers({ 'retry-after': '3' })), isAny)
  }),
}))

/** Wherever bytes are cut, the same comes of them. */
function frames(label: string, bytes: fc.Arbitrary<Uint8Array>, make: () => FrameDecoder): Target {
  const read = (pieces: readonly Uint8Array[]) => {
    const decoder = make()
    const found: Frame[] = []
    const fault = refusalOf(() => {
      for (const piece of pieces) found.push(...decoder.push(piece))
      found.push(...decoder.end())
    })
    return JSON.stringify({ found: fault === undefined ? found : undefined, fault })
  }
  return {
    name: `frames ${label}`,
    property: fc.property(cut(bytes), (pieces) => {
      const [whole, inPieces] = [read([Buffer.concat(pieces)]), read(pieces)]
      if (whole !== inPieces) throw new Error(`cut otherwise: ${whole} or ${inPieces}`)
    }),
  }
}

function refusalOf(work: () => void): string | undefined {
  let fault: string | undefined
  mayRefuse(() => {
    try {
      work()
    } catch (error) {
      if (error instanceof ChatError) fault = error.code ?? error.type
      throw error
    }
  }, isAny)
  return fault
}

const sseBytes = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        'data: ',
        'event: ',
        'id: 1',
        ': c',
        '\n',
        '\r\n',
        '\r',
        '\n\n',
        '\ufeff',
        'é👋',
        'data',
        'retry: 1',
      ),
      frame.map(({ data }) => `data: ${data}\n\n`),
      fc.string({ maxLength: 6, unit: 'binary' }),
    ),
    { maxLength: 12 },
  )
  .map((parts) => new Uint8Array(Buffer.from(parts.join(''))))

/** Messages of AWS' event stream: a length that is right more often than not, then anything. */
const eventStreamBytes = fc
  .array(
    fc.tuple(fc.uint8Array({ maxLength: 60 }), fc.boolean()).map(([body, right]) => {
      const bytes = Buffer.alloc(12 + body.length)
      bytes.writeUInt32BE(right ? bytes.length : body.length * 7_777_777, 0)
      bytes.writeUInt32BE(body.length % 20, 4)
      bytes.set(body, 12)
      return new Uint8Array(bytes)
    }),
    { maxLength: 3 },
  )
  .map((parts) => new Uint8Array(Buffer.concat(parts)))

const HELD = 'held.by.byok.27c1'

/** What secrets begin with, and what may stand in them and between them. */
const secretly = fc.constantFrom(
  ...['eyJ', '-eyJ', '.eyJ', 'Bearer ', 'Basic\t', 'sk-', 'byok_', 'ghp_', 'ya29.', 'AIza', '?key=', '&code='],
  ...['"api_key"', ' : "', '"', 'abcdefgh12345678', '-', '_', '.', ' ', '\n', '/', HELD],
)

const others: Target[] = [
  {
    name: 'redact',
    property: fc.property(
      fc.tuple(
        fc.array(secretly, { maxLength: 8 }),
        // The long ones end only where no character is looked at from many beginnings.
        fc.oneof({ weight: 100, arbitrary: fc.constantFrom(1, 2) }, { weight: 1, arbitrary: fc.constant(20_000) }),
      ),
      ([parts, times]) => {
        rememberSecret(HELD)
        const text = parts.join('').repeat(times)
        const clean = redact(text)
        if (clean.includes(HELD)) throw new Error('a secret that byok holds is left')
        if (clean !== text && !mayHoldSecret(text)) throw new Error('what is redacted is not looked for')
      },
    ),
  },
  frames('sse', sseBytes, sseFrames),
  frames('lines', sseBytes, lineFrames),
  frames('event-stream', fc.oneof(eventStreamBytes, fc.uint8Array({ maxLength: 200 })), () =>
    eventStreamFrames('Fuzz'),
  ),
  {
    name: 'body',
    property: fc.property(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        json.map((value) => JSON.stringify(value) ?? ''),
        fc.nat({ max: 2000 }).map((depth) => '['.repeat(depth) + ']'.repeat(depth)),
      ),
      (text) => void mayRefuse(() => parseClientJson(text), isClients),
    ),
  },
  {
    name: 'redirect',
    property: fc.property(
      fc.oneof(fc.webUrl({ withQueryParameters: true }), word, fc.string({ unit: 'binary' })),
      (text) => {
        if ('code' in readPasted(text, 'the-state-that-nobody-knows', 'Acme'))
          throw new Error('a code without its state')
      },
    ),
  },
  {
    name: 'config',
    share: 0.05,
    property: fc.asyncProperty(
      fc.dictionary(
        fc.oneof(
          fc.constantFrom('server', 'providers', 'models', 'routing', 'upstream', 'log', 'port', 'telemetry'),
          name,
        ),
        fc.oneof(
          json,
          fc.dictionary(fc.oneof(fc.constantFrom('keys', 'codex', 'claude', 'level', 'tls', 'base_url'), name), json),
        ),
        { maxKeys: 4 },
      ),
      async (overrides) => {
        try {
          const loaded = await loadConfig({ cwd: '/', env: {}, files: false, overrides })
          loaded.finish(builtins)
        } catch (error) {
          if (!(error instanceof ConfigError)) throw error
        }
      },
    ),
  },
]

/** Requests to a callback listener over HTTP: slower than the rest, so there are fewer of them. */
export async function fuzzCallback(runs: number): Promise<number> {
  const callback = await listenForCallback({ port: 0, path: '/cb', state: 'st-1', title: 'Acme', portKey: 'x' })
  let code: string | undefined
  callback.code.then(
    (found) => (code = found),
    () => {},
  )
  try {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('/cb', '/cb/', '/', '//', '/cb?state=st-1'),
        fc.dictionary(fc.oneof(fc.constantFrom('code', 'state'), name), word, { maxKeys: 4 }),
        async (path, query) => {
          const search = new URLSearchParams(query).toString()
          const url = `http://127.0.0.1:${callback.port}${path === '/cb?state=st-1' ? '/cb' : path}?${search}`
          const response = await fetch(url, { headers: { connection: 'close' } })
          await response.text()
          if (response.status >= 500 || code !== undefined) throw new Error(`status ${response.status}`)
        },
      ),
      { numRuns: runs },
    )
  } finally {
    await callback.finish()
  }
  return runs
}

export const targets: Target[] = [...decoders, ...streams, ...answers, ...others]
