import assert from 'node:assert/strict'
import type OpenAI from 'openai'
import type { Message } from './case.ts'

/** An answer as an OpenAI client has it, whole or put together from its stream. */
export interface Answer {
  text: string
  refusal: string
  reasoning: string
  /** `reasoning_details`, in a stream every piece as it came. */
  details: unknown[]
  calls: { id: string; name: string; arguments: string }[]
  finish: string | null
  usage: OpenAI.CompletionUsage | undefined
  /** How many deltas of text it came in. */
  pieces: number
}

type Delta = OpenAI.ChatCompletionChunk.Choice.Delta

/** The fields of reasoning, which OpenAI's own types do not have. */
interface Reasoning {
  reasoning_content?: unknown
  reasoning?: unknown
  reasoning_details?: unknown
}

export function readWhole(completion: OpenAI.ChatCompletion): Answer {
  assert.equal(completion.object, 'chat.completion')
  assert.equal(completion.choices.length, 1)
  const [choice] = completion.choices
  assert.ok(choice)
  const { message, finish_reason: finish } = choice
  assert.equal(message.role, 'assistant')
  const calls = (message.tool_calls ?? []).map((call) => {
    assert.equal(call.type, 'function')
    return { id: call.id, name: call.function.name, arguments: call.function.arguments }
  })
  return {
    text: message.content ?? '',
    refusal: message.refusal ?? '',
    reasoning: reasoningOf(message as Reasoning),
    details: detailsOf(message as Reasoning),
    calls,
    finish,
    usage: completion.usage,
    pieces: 1,
  }
}

/** Reads a stream to its end, and holds it to the order OpenAI's own has. */
export async function readStream(chunks: AsyncIterable<OpenAI.ChatCompletionChunk>): Promise<Answer> {
  const answer: Answer = {
    text: '',
    refusal: '',
    reasoning: '',
    details: [],
    calls: [],
    finish: null,
    usage: undefined,
    pieces: 0,
  }
  let id: string | undefined
  for await (const chunk of chunks) {
    assert.equal(chunk.object, 'chat.completion.chunk')
    assert.equal(chunk.id, (id ??= chunk.id), 'every chunk has the id of its answer')
    assert.equal(answer.usage, undefined, 'nothing follows the usage')
    if (chunk.usage) answer.usage = chunk.usage
    const [choice] = chunk.choices
    if (!choice) continue
    assert.equal(choice.index, 0)
    const empty = Object.values(choice.delta).every((value) => value === undefined || value === null || value === '')
    assert.ok(answer.finish === null || (empty && !choice.finish_reason), 'nothing follows the finish reason')
    addDelta(answer, choice.delta)
    answer.finish = choice.finish_reason ?? answer.finish
  }
  assert.notEqual(answer.finish, null, 'a stream ends with a finish reason')
  return answer
}

function addDelta(answer: Answer, delta: Delta): void {
  if (typeof delta.content === 'string' && delta.content !== '') {
    answer.text += delta.content
    answer.pieces++
  }
  answer.refusal += delta.refusal ?? ''
  answer.reasoning += reasoningOf(delta as Reasoning)
  answer.details.push(...detailsOf(delta as Reasoning))
  for (const { index, id, function: part } of delta.tool_calls ?? []) {
    const known = answer.calls[index]
    if (!known) {
      assert.equal(index, answer.calls.length, 'calls are counted without gaps')
      assert.ok(id !== undefined && part?.name !== undefined, 'a call begins with its id and name')
      answer.calls.push({ id, name: part.name, arguments: part.arguments ?? '' })
    } else known.arguments += part?.arguments ?? ''
  }
}

function reasoningOf({ reasoning_content: content, reasoning }: Reasoning): string {
  const text = content ?? reasoning
  return typeof text === 'string' ? text : ''
}

function detailsOf({ reasoning_details: details }: Reasoning): unknown[] {
  return Array.isArray(details) ? details : []
}

/** The message that sends an answer back in the next turn, reasoning and all. */
export function messageOf({ text, calls, reasoning, details }: Answer): Message {
  const message = {
    role: 'assistant' as const,
    content: text === '' && calls.length > 0 ? null : text,
    ...(calls.length > 0 && {
      tool_calls: calls.map(({ id, name, arguments: json }) => ({
        id,
        type: 'function' as const,
        function: { name, arguments: json },
      })),
    }),
    ...(details.length > 0 && { reasoning_details: details }),
    ...(reasoning !== '' && { reasoning_content: reasoning }),
  }
  return message
}
