import { EventStreamCodec } from '@smithy/eventstream-codec'
import { fromUtf8, toUtf8 } from '@smithy/util-utf8'

/** An answer's parts, made once: a benchmark must not measure the making of them. */
export interface Canned {
  json: Buffer
  /** Each event of the stream as its own chunk of a chunked body. */
  first: Buffer
  event: Buffer
  last: Buffer
  type: string
}

const TEXT = 'All that is gold does not glitter. '
const USAGE = { prompt_tokens: 9, completion_tokens: 12, total_tokens: 21 }

const json = (status: string, body: unknown) => {
  const bytes = Buffer.from(JSON.stringify(body))
  return Buffer.concat([
    Buffer.from(`HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${bytes.byteLength}\r\n\r\n`),
    bytes,
  ])
}
const chunk = (bytes: Uint8Array) =>
  Buffer.concat([Buffer.from(`${bytes.byteLength.toString(16)}\r\n`), bytes, Buffer.from('\r\n')])
export const head = (type: string) =>
  Buffer.from(`HTTP/1.1 200 OK\r\ncontent-type: ${type}\r\ntransfer-encoding: chunked\r\n\r\n`)
const END = Buffer.from('0\r\n\r\n')

const SSE = 'text/event-stream'
const data = (...values: unknown[]) =>
  Buffer.from(values.map((value) => `data: ${typeof value === 'string' ? value : JSON.stringify(value)}\n\n`).join(''))
const named = (...values: { type: string; [key: string]: unknown }[]) =>
  Buffer.from(values.map((value) => `event: ${value.type}\ndata: ${JSON.stringify(value)}\n\n`).join(''))

/** @param told whether the stream tells what it used, as OpenAI's do where they are asked to: in a chunk of its own, after many `null`s */
function openai(told = false): Canned {
  const base = { id: 'chatcmpl-bench', created: 1_700_000_000, model: 'bench' }
  const chunkOf = (choices: object[], usage: object | null = null) => ({
    ...base,
    object: 'chat.completion.chunk',
    choices,
    ...(told && { usage }),
  })
  const part = (delta: object, finish_reason: string | null = null) => chunkOf([{ index: 0, delta, finish_reason }])
  const message = { role: 'assistant', content: TEXT.repeat(4), refusal: null }
  return {
    type: SSE,
    json: json('200 OK', {
      ...base,
      object: 'chat.completion',
      choices: [{ index: 0, message, finish_reason: 'stop' }],
      usage: USAGE,
    }),
    // That an answer begins, and its first words, are sent at once.
    first: chunk(data(part({ role: 'assistant', content: '' }), part({ content: TEXT }))),
    event: chunk(data(part({ content: TEXT }))),
    last: Buffer.concat([chunk(data(part({}, 'stop'), ...(told ? [chunkOf([], USAGE)] : []), '[DONE]')), END]),
  }
}

function anthropic(): Canned {
  const message = { id: 'msg_bench', type: 'message', role: 'assistant', model: 'bench', stop_sequence: null }
  const usage = { input_tokens: 9, output_tokens: 12 }
  const delta = { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: TEXT } }
  return {
    type: SSE,
    json: json('200 OK', {
      ...message,
      content: [{ type: 'text', text: TEXT.repeat(4) }],
      stop_reason: 'end_turn',
      usage,
    }),
    first: chunk(
      named(
        { type: 'message_start', message: { ...message, content: [], stop_reason: null, usage } },
        { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
        delta,
      ),
    ),
    event: chunk(named(delta)),
    last: Buffer.concat([
      chunk(
        named(
          { type: 'content_block_stop', index: 0 },
          { type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage },
          { type: 'message_stop' },
        ),
      ),
      END,
    ]),
  }
}

function gemini(): Canned {
  // Google's servers end lines as HTTP does.
  const line = (value: object) => Buffer.from(`data: ${JSON.stringify(value)}\r\n\r\n`)
  const usageMetadata = { promptTokenCount: 9, candidatesTokenCount: 12, totalTokenCount: 21 }
  const part = (text: string, rest: object = {}) => ({
    candidates: [{ content: { role: 'model', parts: [{ text }] }, index: 0, ...rest }],
    usageMetadata,
    modelVersion: 'bench',
    responseId: 'bench',
  })
  return {
    type: SSE,
    json: json('200 OK', part(TEXT.repeat(4), { finishReason: 'STOP' })),
    first: chunk(line(part(TEXT))),
    event: chunk(line(part(TEXT))),
    last: Buffer.concat([chunk(line(part('.', { finishReason: 'STOP' }))), END]),
  }
}

/** Kiro always streams, so what stands for its JSON is a short stream. */
function kiro(): Canned {
  const codec = new EventStreamCodec(toUtf8, fromUtf8)
  const frame = (type: string, payload: unknown) =>
    codec.encode({
      headers: {
        ':event-type': { type: 'string', value: type },
        ':content-type': { type: 'string', value: 'application/json' },
        ':message-type': { type: 'string', value: 'event' },
      },
      body: fromUtf8(JSON.stringify(payload)),
    })
  const type = 'application/vnd.amazon.eventstream'
  // What text begins with is another than what follows: Kiro's texts may be cumulative, and one told again would be no news.
  const first = Buffer.concat([
    chunk(frame('initial-response', { conversationId: '' })),
    chunk(frame('assistantResponseEvent', { content: 'Once: ', modelId: 'bench' })),
  ])
  const event = chunk(frame('assistantResponseEvent', { content: TEXT, modelId: 'bench' }))
  const last = Buffer.concat([
    chunk(frame('contextUsageEvent', { contextUsagePercentage: 1 })),
    chunk(frame('metadataEvent', { stopReason: 'END_TURN' })),
    END,
  ])
  return { type, json: Buffer.concat([head(type), first, event, event, event, event, last]), first, event, last }
}

const answers = { openai: openai(), openaiTold: openai(true), anthropic: anthropic(), gemini: gemini(), kiro: kiro() }

/** The canned answer of the vendor whose path this is, to a body that begins so. */
export function answerOf(path: string, body: string): Canned {
  if (path.includes('/messages')) return answers.anthropic
  if (path.includes(':generateContent') || path.includes(':streamGenerateContent')) return answers.gemini
  if (path.includes('generateAssistantResponse')) return answers.kiro
  return body.includes('"include_usage":true') ? answers.openaiTold : answers.openai
}

/** A whole stream's bytes, as they come out of HTTP. */
export function cannedStream(vendor: keyof typeof answers, events: number): Buffer {
  const { first, event, last } = answers[vendor]
  return Buffer.concat([unchunk(first), ...Array.from({ length: events }, () => unchunk(event)), unchunk(last)])
}

/** The payload of an HTTP/1.1 chunked body. */
function unchunk(bytes: Buffer): Buffer {
  const parts: Buffer[] = []
  for (let at = 0; at < bytes.byteLength;) {
    const end = bytes.indexOf('\r\n', at)
    const size = parseInt(bytes.toString('latin1', at, end), 16)
    parts.push(bytes.subarray(end + 2, end + 2 + size))
    at = end + 4 + size
  }
  return Buffer.concat(parts)
}
