import type { ChatRequest, Executor, ProviderPlugin, UpstreamResponse } from 'byok'

export interface SemanticCacheOptions {
  /** How alike two questions must be, from 0 to 1. Default 0.9. */
  threshold?: number
  /** The most answers that are kept. Default 500. */
  size?: number
  /** A text as a vector. Default: its words, counted; give an embedding model's for real likeness of meaning. */
  embed?: (text: string) => Promise<number[]> | number[]
}

interface Entry {
  /** All but the question: an answer holds only for the same conversation, model and settings. */
  setting: string
  vector: number[]
  contentType: string
  text: string
}

/** Wraps a provider: a question that is like one that was answered gets that answer, and the provider is not asked. */
export function semanticCache<P extends ProviderPlugin>(plugin: P, options: SemanticCacheOptions = {}): P {
  const { threshold = 0.9, size = 500, embed = countWords } = options
  const entries: Entry[] = []

  const executor: Executor = async (context) => {
    const { chat, body, stream } = context.request
    const question = chat && questionOf(chat)
    if (!chat || question === undefined) return await plugin.executor(context)
    const setting = JSON.stringify([context.request.model, stream, { ...body, messages: chat.messages.slice(0, -1) }])
    const vector = await embed(question)
    const known = entries.find((entry) => entry.setting === setting && likeness(entry.vector, vector) >= threshold)
    if (known) return new Response(known.text, { headers: { 'content-type': known.contentType } })

    const response = await plugin.executor(context)
    if (!response.ok || !response.body) return response
    const [answer, copy] = response.body.tee()
    // Beside the answer, which streams on. One that breaks off is not kept.
    void new Response(copy).text().then(
      (text) => {
        entries.unshift({ setting, vector, contentType: response.headers.get('content-type') ?? '', text })
        entries.length = Math.min(entries.length, size)
      },
      () => {},
    )
    return withBody(response, answer)
  }
  // A hook on `chat`, even an idle one, has byok make the neutral request, which is what questions are read from.
  return { ...plugin, executor, hooks: { chat() {}, ...plugin.hooks } }
}

/** The last message, where it is a person's and nothing but text. */
function questionOf({ messages }: ChatRequest): string | undefined {
  const last = messages.at(-1)
  if (last?.role !== 'user') return undefined
  const texts = last.content.map((part) => (part.type === 'text' ? part.text : undefined))
  return texts.includes(undefined) ? undefined : texts.join('\n')
}

const WIDTH = 256

/** Each word falls into one of some places of the vector. */
function countWords(text: string): number[] {
  const vector = new Array<number>(WIDTH).fill(0)
  for (const word of text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []) {
    let place = 0
    for (const letter of word) place = (place * 31 + (letter.codePointAt(0) ?? 0)) % WIDTH
    vector[place] = (vector[place] ?? 0) + 1
  }
  return vector
}

/** The cosine of the angle between two vectors. */
function likeness(a: number[], b: number[]): number {
  const dot = (x: number[], y: number[]) => x.reduce((sum, value, index) => sum + value * (y[index] ?? 0), 0)
  return dot(a, b) / (Math.sqrt(dot(a, a) * dot(b, b)) || 1)
}

function withBody({ status, headers }: UpstreamResponse, body: ReadableStream<Uint8Array>): UpstreamResponse {
  return new Response(body, { status, headers })
}
