import { z } from 'zod'
import type { Byok } from '../core/byok.ts'
import { sseFrames } from '../core/frames/sse.ts'
import { CommandFailure } from './command.ts'
import { messageOf, ownRequest } from './own-request.ts'

interface Message {
  role: 'system' | 'user' | 'assistant'
  content: string
}

/** The answer could not be had. The message is the provider's, or byok's own. */
export class ChatFailure extends CommandFailure {
  override readonly name = 'ChatFailure'
}

const chunkSchema = z.object({
  choices: z
    .array(z.object({ delta: z.object({ content: z.string().nullish(), refusal: z.string().nullish() }) }))
    .optional(),
  error: z.object({ message: z.string() }).optional(),
})

/** A conversation with one model. */
export class ChatSession {
  readonly #byok: Byok
  readonly #model: string
  readonly #system: Message[]
  #messages: Message[] = []

  constructor(byok: Byok, { model, system }: { model: string; system?: string | undefined }) {
    this.#byok = byok
    this.#model = model
    this.#system = system ? [{ role: 'system', content: system }] : []
  }

  /** Forgets all that was said. */
  clear(): void {
    this.#messages = []
  }

  /**
   * Says `text` and hands on the answer as it comes. An answer that fails or is stopped is not part of the conversation.
   * @throws {ChatFailure}
   */
  async say(text: string, { write, signal }: { write: (piece: string) => void; signal: AbortSignal }): Promise<void> {
    const messages: Message[] = [...this.#messages, { role: 'user', content: text }]
    const body = { model: this.#model, messages: [...this.#system, ...messages], stream: true }
    const response = await this.#byok.fetch(ownRequest(this.#byok, '/v1/chat/completions', body, signal))
    if (!response.ok || !response.body) throw new ChatFailure(await messageOf(response))
    let answer = ''
    const reader: ReadableStreamDefaultReader<Uint8Array> = response.body.getReader()
    const stop = () => void reader.cancel().catch(() => {})
    signal.addEventListener('abort', stop, { once: true })
    try {
      const frames = sseFrames()
      for (let next = await reader.read(); !next.done; next = await reader.read()) {
        for (const { data } of frames.push(next.value)) {
          const piece = data === '[DONE]' ? '' : pieceOf(data)
          answer += piece
          if (piece !== '') write(piece)
        }
      }
    } finally {
      signal.removeEventListener('abort', stop)
    }
    if (!signal.aborted) this.#messages = [...messages, { role: 'assistant', content: answer }]
  }

  /** @returns the whole completion, as an OpenAI client would have it. @throws {ChatFailure} */
  async complete(text: string, signal: AbortSignal): Promise<unknown> {
    const body = { model: this.#model, messages: [...this.#system, { role: 'user', content: text }] }
    const response = await this.#byok.fetch(ownRequest(this.#byok, '/v1/chat/completions', body, signal))
    if (!response.ok) throw new ChatFailure(await messageOf(response))
    return await response.json()
  }
}

function pieceOf(data: string): string {
  const { choices, error } = chunkSchema.parse(JSON.parse(data))
  if (error) throw new ChatFailure(error.message)
  const delta = choices?.[0]?.delta
  return delta?.content ?? delta?.refusal ?? ''
}
