import { randomUUID } from 'node:crypto'
import type { Answer, RecordedRequest, Reply } from '../../src/testing/fake-server.ts'
import { badRequest, failureOf, sendError, vendorHeaders } from './gemini-failures.ts'
import type { Json } from './gemini-wire.ts'

/** Ids of the interactions that this Google holds. */
export type HeldInteractions = Map<string, Json>

/**
 * `POST /v1beta/interactions` (googleapis/js-genai, `interactionsCreate`; the events are those of
 * ai.google.dev/gemini-api/docs/interactions/streaming). Of a script the texts are said.
 */
export async function interact(
  request: RecordedRequest,
  reply: Reply,
  answer: Answer,
  held: HeldInteractions,
): Promise<void> {
  const body = request.json as Json
  const { model, agent, previous_interaction_id: previous, stream } = body
  if ((model === undefined) === (agent === undefined)) return sendError(reply, badRequest('model or agent is required'))
  if (previous !== undefined && !held.has(String(previous))) {
    // googleapis/python-genai issue 2985 has the code.
    const error = { message: `Interaction ${String(previous)} not found.`, code: 'not_found' }
    return reply.json(404, { error }, vendorHeaders())
  }
  if ('failure' in answer) return sendError(reply, failureOf(answer.failure, String(model)))
  const { steps, usage = { input: 9, output: 4 } } = answer.script
  const id = `v1_${randomUUID()}`
  held.set(id, body)
  const interaction = { id, object: 'interaction', ...(agent === undefined ? { model } : { agent }) }
  const counted = {
    total_input_tokens: usage.input,
    total_output_tokens: usage.output - (usage.reasoning ?? 0),
    total_thought_tokens: usage.reasoning ?? 0,
    total_tokens: usage.input + usage.output,
  }
  const texts = steps.flatMap((step) => ('text' in step ? step.text : []))
  if (stream !== true) {
    const content = [{ type: 'text', text: texts.join('') }]
    const whole: Json = {
      ...interaction,
      status: 'completed',
      steps: [{ type: 'model_output', content }],
      usage: counted,
    }
    held.set(id, whole)
    // Whoever asks for it once more finds it done.
    if (body.background === true) return reply.json(200, { ...interaction, status: 'in_progress' }, vendorHeaders())
    return reply.json(200, whole, vendorHeaders())
  }
  reply.begin(200, { 'content-type': 'text/event-stream', ...vendorHeaders() })
  const send = (type: string, data: object) =>
    reply.write(`event: ${type}\ndata: ${JSON.stringify({ ...data, event_type: type })}\n\n`)
  await send('interaction.created', { interaction: { ...interaction, status: 'in_progress' } })
  await send('step.start', { index: 0, step: { type: 'model_output' } })
  for (const text of texts) await send('step.delta', { index: 0, delta: { type: 'text', text } })
  if (steps.some((step) => 'cut' in step)) return reply.cut()
  await send('step.stop', { index: 0 })
  await send('interaction.completed', { interaction: { ...interaction, status: 'completed', usage: counted } })
  await reply.write('event: done\ndata: [DONE]\n\n')
  reply.end()
}

const BY_ID = /^\/v1beta\/interactions\/([^/]+?)(\/cancel)?$/

/** `GET`, `DELETE /v1beta/interactions/{id}` and `POST …/{id}/cancel`; whether it was one of them. */
export function answerHeld({ method, path }: RecordedRequest, reply: Reply, held: HeldInteractions): boolean {
  const [, id = '', cancel] = BY_ID.exec(path) ?? []
  if (id === '' || (method === 'POST') !== (cancel !== undefined)) return false
  const found = held.get(id)
  if (!found) sendError(reply, { code: 404, message: `Interaction ${id} not found.`, status: 'NOT_FOUND' })
  else if (method === 'DELETE') reply.json(200, held.delete(id) ? {} : {}, vendorHeaders())
  else reply.json(200, cancel ? { ...found, status: 'cancelled' } : found, vendorHeaders())
  return true
}
