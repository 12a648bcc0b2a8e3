import type { RecordedRequest } from '../../src/testing/fake-server.ts'
import type { Json } from './anthropic-check.ts'
import { invalid } from './anthropic-failures.ts'
import type { AnthropicError } from './anthropic-failures.ts'

const BETA = 'message-threads-2026-08-12'

/** A conversation as far as an answer, with what the thread was created with. */
interface Held {
  owner: string
  messages: Json[]
  system?: unknown
  tools?: unknown
}

/**
 * Conversations that Anthropic holds (`thread`), each by the id of the answer it ends with, and for the account that began it alone.
 *
 * Sources: @anthropic-ai/sdk `BetaMessageThreadParam` and src/lib/internal/threads/ThreadState.ts (`system` and `tools` are the
 * thread's own, and refused with a `continue`; `details.error_code`); CLIProxyAPI sdk/cliproxy/auth (404 at another account), its
 * tests for the message.
 */
export class Threads {
  readonly #held = new Map<string, Held>()

  /** The request with the whole conversation in it, as if there were no threads. */
  whole({ json, headers }: RecordedRequest): { body: unknown } | { fault: AnthropicError } {
    const { thread, ...body } = (json ?? {}) as Json
    if (thread === undefined || !String(headers['anthropic-beta'] ?? '').includes(BETA)) return { body: json }
    if (thread?.type === 'create') return { body }
    if (thread?.type !== 'continue') return { fault: invalid('thread.type: Input should be create or continue') }
    const held = this.#held.get(thread.previous_message_id)
    if (held?.owner !== ownerOf(headers)) return { fault: notFound }
    const given = ['system', 'tools'].find((name) => name in body)
    if (given !== undefined) return { fault: invalid(`${given}: may not be given when a thread is continued`) }
    const { system, tools, messages } = held
    return {
      body: {
        ...body,
        ...(system !== undefined && { system }),
        ...(tools !== undefined && { tools }),
        messages: [...messages, ...body.messages],
      },
    }
  }

  /** @param body the request with the whole conversation */
  keep({ json, headers }: RecordedRequest, { messages, system, tools }: Json, answer: () => Json): void {
    if ((json as Json)['thread'] === undefined) return
    const { id, content } = answer()
    const answered = [...messages, { role: 'assistant', content }]
    this.#held.set(id, { owner: ownerOf(headers), messages: answered, system, tools })
  }
}

const notFound: AnthropicError = {
  status: 404,
  type: 'not_found_error',
  message:
    'No thread state was found for the requested `previous_message_id`. Replay the full conversation with thread: ' +
    '{"type": "create"} to start a new Thread.',
  details: { error_code: 'thread_not_found' },
}

function ownerOf(headers: RecordedRequest['headers']): string {
  return String(headers['x-api-key'] ?? headers.authorization)
}
