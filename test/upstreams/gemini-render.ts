import type { Answer, Reply } from '../../src/testing/fake-server.ts'
import type { Script } from '../../src/testing/script.ts'
import { doubled, formOfSignature } from './claude-signatures.ts'
import { isVerbatim } from './gemini-check.ts'
import { failureOf, sendError, vendorHeaders } from './gemini-failures.ts'
import type { GoogleError } from './gemini-failures.ts'
import { issue } from './gemini-signatures.ts'
import type { Json } from './gemini-wire.ts'
import { PNG } from './openai-images.ts'
import { isContent, playStream, playWhole } from './play.ts'
import type { ContentStep } from './play.ts'

export interface GeminiAnswerOptions {
  model: string
  /** `sse`: events. `list`: the JSON list that streams without `alt=sse` are. `whole`: not streamed. */
  form: 'sse' | 'list' | 'whole'
  /** Code Assist's envelope. Default: no. */
  wrapped?: boolean
  /** Errors in a vendor's own words. Default: the Gemini API's. */
  failure?: typeof failureOf
  /** Claude's ways: signatures on thoughts. Default: no. */
  claude?: boolean
}

/** Answers a good request. Shapes: ai.google.dev/api/generate-content, GenerateContentResponse. */
export async function answerGemini(
  body: Json,
  reply: Reply,
  answer: Answer,
  options: GeminiAnswerOptions,
): Promise<void> {
  const failure = options.failure ?? failureOf
  if ('failure' in answer) return sendError(reply, failure(answer.failure, options.model))
  const render = new Renderer(body, answer.script, options)
  return options.form === 'whole' ? await whole(render, reply, options) : await stream(render, reply, options)
}

async function stream(render: Renderer, reply: Reply, options: GeminiAnswerOptions): Promise<void> {
  const { form, model, failure = failureOf } = options
  const type = form === 'sse' ? 'text/event-stream' : 'application/json; charset=UTF-8'
  reply.begin(200, { 'content-type': type, 'content-disposition': 'attachment', ...vendorHeaders() })
  let begun = false
  const send = async (message: Json) => {
    if (form === 'sse') return await reply.write(`data: ${JSON.stringify(message)}\r\n\r\n`)
    await reply.write(`${begun ? ',\r\n' : '['}${JSON.stringify(message, null, 2)}\n`)
    begun = true
  }
  const closes = await playStream(render.script, reply, {
    async say(step) {
      for (const message of render.step(step)) await send(message)
    },
    fail: (given) => breakOff(reply, failure(given, model), form, send),
  })
  if (!closes) return
  await send(render.closing())
  if (form === 'list') await reply.write(']')
  reply.end()
}

/** Between events Google puts an error as it stands, over several lines and without `data:`. */
async function breakOff(
  reply: Reply,
  error: GoogleError,
  form: GeminiAnswerOptions['form'],
  send: (message: Json) => Promise<void>,
): Promise<void> {
  if (form === 'list') {
    await send({ error })
    await reply.write(']')
  } else await reply.write(`${JSON.stringify({ error }, null, 2)}\n`)
  reply.end()
}

async function whole(
  render: Renderer,
  reply: Reply,
  { model, failure = failureOf }: GeminiAnswerOptions,
): Promise<void> {
  await playWhole(render.script, reply, {
    headers: { 'content-type': 'application/json; charset=UTF-8', ...vendorHeaders() },
    body: () => JSON.stringify(render.whole(), null, 2),
    fail: (given) => sendError(reply, failure(given, model)),
  })
}

let answers = 0

/** One answer in Gemini's shapes. */
class Renderer {
  readonly script: Script
  readonly #body: Json
  readonly #options: GeminiAnswerOptions
  readonly #id = `fake-response-${++answers}`
  /** The signature of thoughts that no part has carried yet. */
  #signature: string | undefined
  #calls = 0
  #malformed = false

  constructor(body: Json, script: Script, options: GeminiAnswerOptions) {
    this.script = script
    this.#body = body
    this.#options = options
  }

  /** The messages of one step. */
  step(step: ContentStep): Json[] {
    return this.#parts(step).map((part) => this.#message(this.#candidates([part])))
  }

  /** The last message: the finish reason, and the signature of an answer without calls. */
  closing(): Json {
    return this.#message(this.#candidates(this.#lastParts(), this.#finish()), this.#usage())
  }

  whole(): Json {
    const merged: Json[] = []
    const steps = this.script.steps.filter(isContent)
    for (const part of steps.flatMap((step) => this.#parts(step))) {
      const last = merged.at(-1)
      const same =
        last && typeof last.text === 'string' && typeof part.text === 'string' && last.thought === part.thought
      if (same && last.thoughtSignature === undefined) Object.assign(last, part, { text: last.text + part.text })
      else merged.push({ ...part })
    }
    const [end] = this.#lastParts()
    const last = merged.at(-1)
    if (end?.thoughtSignature && last && !last.thought) last.thoughtSignature = end.thoughtSignature
    else if (end?.thoughtSignature || end?.inlineData) merged.push(end)
    return this.#message(this.#candidates(merged, this.#finish()), this.#usage())
  }

  #parts(step: ContentStep): Json[] {
    if (this.#answersIn('AUDIO')) return []
    if ('text' in step) return list(step.text).map((text) => ({ text }))
    if ('refusal' in step) return [{ text: step.refusal }]
    if ('reasoning' in step) return this.#thoughts(step)
    const { id, name, arguments: fragments } = step.toolCall
    const first = this.#calls++ === 0
    const args = parse(list(fragments).join(''))
    if (!args) {
      this.#malformed = true
      return []
    }
    const old = /gemini-[12]/.test(this.#options.model)
    const signature = this.#signature ?? (first && !old && !this.#options.claude ? issue() : undefined)
    this.#signature = undefined
    return [{ functionCall: { ...(!old && { id }), name, args }, ...(signature && { thoughtSignature: signature }) }]
  }

  /** Thoughts are shown where they were asked for; Gemini's signature goes on what follows, Claude's closes the thought. */
  #thoughts({ reasoning, signature }: Extract<ContentStep, { reasoning: unknown }>): Json[] {
    const shown = this.#body.generationConfig?.thinkingConfig?.includeThoughts === true
    const thoughts = shown ? list(reasoning).map((text) => ({ text, thought: true })) : []
    if (signature === undefined) return thoughts
    if (this.#options.claude) {
      const own = formOfSignature(signature) === 'plain' ? doubled(signature) : signature
      return [...thoughts, { text: '', thought: true, thoughtSignature: issue(own) }]
    }
    this.#signature = issue(signature)
    return thoughts
  }

  #lastParts(): Json[] {
    if (this.#draws()) return [{ inlineData: { mimeType: 'image/png', data: PNG } }]
    if (this.#answersIn('AUDIO')) return [spoken(this.#options.model)]
    const signature = this.#signature
    return signature === undefined ? [{ text: '' }] : [{ text: '', thoughtSignature: signature }]
  }

  /** ai.google.dev/gemini-api/docs/image-generation. */
  #draws(): boolean {
    return this.#answersIn('IMAGE') && this.#finish() === 'STOP'
  }

  #answersIn(kind: 'IMAGE' | 'AUDIO'): boolean {
    const asked: unknown[] = this.#body.generationConfig?.responseModalities ?? []
    return asked.includes(kind) && this.#finish() !== 'SAFETY'
  }

  #candidates(parts: Json[], finishReason?: string): Json[] {
    const count: number = this.#body.generationConfig?.candidateCount ?? 1
    const blocked = finishReason === 'SAFETY'
    return Array.from({ length: count }, (_, index) => ({
      ...(parts.length > 0 && { content: { parts, role: 'model' } }),
      ...(finishReason !== undefined && { finishReason }),
      ...(finishReason === 'MALFORMED_FUNCTION_CALL' && { finishMessage: 'Malformed function call: print(' }),
      index,
      ...(blocked && {
        safetyRatings: [{ category: 'HARM_CATEGORY_DANGEROUS_CONTENT', probability: 'HIGH', blocked: true }],
      }),
      ...this.#logprobs(parts),
    }))
  }

  #logprobs(parts: Json[]): Json {
    const text = parts.map((part) => (part.thought ? '' : String(part.text ?? ''))).join('')
    if (this.#body.generationConfig?.responseLogprobs !== true || text === '') return {}
    const token = { token: text, tokenId: 7, logProbability: -0.25 }
    return {
      avgLogprobs: -0.25,
      logprobsResult: { topCandidates: [{ candidates: [token] }], chosenCandidates: [token] },
    }
  }

  #message(candidates: Json[], usage?: Json): Json {
    const { input } = this.script.usage ?? DEFAULT_USAGE
    const message = {
      candidates,
      usageMetadata: usage ?? { promptTokenCount: input, totalTokenCount: input },
      modelVersion: this.#options.model,
      responseId: this.#id,
    }
    return this.#options.wrapped ? { response: message, traceId: `trace-${this.#id}`, metadata: {} } : message
  }

  #finish(): string {
    if (this.#malformed) return 'MALFORMED_FUNCTION_CALL'
    switch (this.script.finish) {
      case 'length':
        return 'MAX_TOKENS'
      case 'content_filter':
      case 'refusal':
        return 'SAFETY'
      default:
        return 'STOP'
    }
  }

  #usage(): Json {
    const { input, output, cachedInput, reasoning } = this.script.usage ?? DEFAULT_USAGE
    return {
      promptTokenCount: input,
      candidatesTokenCount: output - (reasoning ?? 0),
      totalTokenCount: input + output,
      ...(cachedInput !== undefined && { cachedContentTokenCount: cachedInput }),
      promptTokensDetails: [{ modality: 'TEXT', tokenCount: input }],
      ...(reasoning !== undefined && { thoughtsTokenCount: reasoning }),
    }
  }
}

/** What the fake says of every text: samples of 16 bits, 24,000 a second. */
export const SAMPLES = Buffer.from([0x01, 0x00, 0xfe, 0xff, 0x10, 0x27, 0x00, 0x80])

/** The same as a WAV file of one channel. */
export const WAV = Buffer.concat([
  Buffer.from('RIFF\x2c\0\0\0WAVE', 'latin1'),
  Buffer.from('fmt \x10\0\0\0\x01\0\x01\0\xc0\x5d\0\0\x80\xbb\0\0\x02\0\x10\0', 'latin1'),
  Buffer.from('data\x08\0\0\0', 'latin1'),
  SAMPLES,
])

/** Older models send the samples alone (ai.google.dev/gemini-api/docs/speech-generation). */
function spoken(model: string): Json {
  const [mimeType, sound] = isVerbatim(model) ? ['audio/wav', WAV] : ['audio/L16;codec=pcm;rate=24000', SAMPLES]
  return { inlineData: { mimeType, data: sound.toString('base64') } }
}

const DEFAULT_USAGE: NonNullable<Script['usage']> = { input: 9, output: 4 }

function list(value: string | string[]): string[] {
  return typeof value === 'string' ? [value] : value
}

function parse(text: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(text === '' ? '{}' : text)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}
