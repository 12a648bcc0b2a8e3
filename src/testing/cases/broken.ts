import assert from 'node:assert/strict'
import type { CaseContext, ConformanceCase } from '../case.ts'
import { failureOf } from '../expect.ts'
import type { ApiError } from '../expect.ts'
import type { ScriptStep } from '../script.ts'

/** An answer that ends in `step`: what came before it is there, and then an error, never a silent end. */
async function broken({ fake, client, model, streaming }: CaseContext, step: ScriptStep): Promise<ApiError> {
  const body = { model, messages: [{ role: 'user' as const, content: 'Hello' }] }
  fake.say({ steps: [{ text: 'Hel' }, step] })
  if (!streaming) return await failureOf(client.chat.completions.create(body))
  const stream = await client.chat.completions.create({ ...body, stream: true })
  let text = ''
  const reading = async () => {
    for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? ''
  }
  const error = await failureOf(reading())
  assert.equal(text, 'Hel')
  return error
}

function cutCase(id: string, title: string, step: ScriptStep): ConformanceCase {
  return {
    id,
    title,
    spoils: true,
    async run(context) {
      const error = await broken(context, step)
      if (!context.streaming) assert.equal(error.status, 502)
      assert.notEqual(error.message, '')
    },
  }
}

export const cut = cutCase('cut', 'Connection cut', { cut: true })
export const ended = cutCase('ended', 'Ended too early', { end: true })

export const midStream: ConformanceCase = {
  id: 'error-in-stream',
  title: 'Error within a stream',
  ways: ['stream'],
  spoils: true,
  async run(context) {
    const error = await broken(context, { error: { kind: 'overloaded', message: 'Too many quokkas.' } })
    assert.match(error.message, /Too many quokkas\./)
  },
}
