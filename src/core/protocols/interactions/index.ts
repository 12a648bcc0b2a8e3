import { invalidRequest } from '../../chat/index.ts'
import type { ChatEvent, Usage } from '../../chat/index.ts'
import type { Translator } from '../../translator/translator.ts'
import { encodeGeminiError, geminiProtocol } from '../gemini/index.ts'
import { errorInAnswer, readError } from '../gemini/read-error.ts'
import { compact, isObject, parseObject, text } from '../json.ts'
import type { JsonObject } from '../json.ts'
import type { Protocol, StreamTail } from '../protocol.ts'

/*
 * Google's Interactions (ai.google.dev/gemini-api/docs/interactions), which only pass through: to a provider that has them, as the client
 * wrote them. Both sides here read of an answer what has to be known of it on its way. The events are those of googleapis/js-genai,
 * `InteractionSSEEvent`.
 */

const NAME = 'gemini-interactions'

/** The side that faces clients. Errors are Gemini's. */
export const interactionsProtocol: Protocol = {
  ...geminiProtocol,
  name: NAME,
  encodeStreamError: (error) =>
    `event: error\ndata: ${JSON.stringify({ ...encodeGeminiError(error), event_type: 'error' })}\n\n`,
  inspectTail,
}

/** The side that faces providers. */
export const interactions: Translator = {
  format: NAME,
  request() {
    throw invalidRequest('Interactions are passed on as they are, or not at all.')
  },
  events: () => ({ push: ({ data }) => readEvent(parseObject(data)), end: () => [] }),
  answer: (body) => (isObject(body) ? [startOf(body), ...endOf(body)] : []),
  error: readError,
  // The first events tell that it was taken, and nothing that the model says.
  startsEarly: true,
}

function readEvent(event: JsonObject | undefined): ChatEvent[] {
  if (event?.['error'] !== undefined) throw errorInAnswer(event)
  const type = text(event?.['event_type']) ?? ''
  const interaction = isObject(event?.['interaction']) ? event['interaction'] : {}
  if (type === 'interaction.created') return [startOf(interaction)]
  if (type === 'interaction.completed') return endOf(interaction)
  return type.startsWith('step.') ? [{ type: 'text', text: '' }] : []
}

function startOf({ id, model }: JsonObject): ChatEvent {
  return compact({ type: 'start', id: text(id), model: text(model) })
}

/** One that goes on in the background ends here too: its answer is on its way to nobody. */
function endOf({ status, usage: counted }: JsonObject): ChatEvent[] {
  const usage = readUsage(counted)
  const native = text(status) ?? 'completed'
  return [...(usage ? [{ type: 'usage' as const, usage }] : []), { type: 'finish', reason: 'stop', native }]
}

/** Thoughts are counted beside the output, and what tools fed back beside the input (`Usage`, as above). */
function readUsage(value: unknown): Usage | undefined {
  if (!isObject(value)) return undefined
  const count = (name: string) => (typeof value[name] === 'number' ? value[name] : undefined)
  const input = count('total_input_tokens')
  const output = count('total_output_tokens')
  const reasoning = count('total_thought_tokens')
  if (input === undefined && output === undefined) return undefined
  return compact({
    input: (input ?? 0) + (count('total_tool_use_tokens') ?? 0),
    output: (output ?? 0) + (reasoning ?? 0),
    cachedInput: count('total_cached_tokens'),
    reasoning,
  })
}

function inspectTail(tail: string): StreamTail {
  const found: StreamTail = { complete: false, append: '' }
  for (const line of tail.split(/\r\n|\r|\n/)) {
    if (!line.startsWith('data:')) continue
    const data = line.slice('data:'.length)
    if (data.trim() === '[DONE]') Object.assign(found, { complete: true, ended: true })
    const event = parseObject(data)
    const interaction = event?.['interaction']
    if (event?.['event_type'] === 'error') Object.assign(found, { complete: true, failed: true })
    else if (event?.['event_type'] === 'interaction.completed' && isObject(interaction)) {
      const usage = readUsage(interaction['usage'])
      Object.assign(found, {
        complete: true,
        finish: [text(interaction['status']) ?? 'completed'],
        ...(usage && { usage }),
      })
    }
  }
  return found
}
