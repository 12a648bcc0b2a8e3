import type OpenAI from 'openai'
import { describe, expect, it } from 'vitest'
import { openaiForEveryone } from './openai-client.ts'
import { KINDS } from './providers.ts'
import type { Kind } from './providers.ts'
import { weather } from './weather.ts'

/* Conversations that are compacted, by the way Codex asks for it and by `client.responses.compact`, in front of every kind of provider. */

const { everyone, client } = await openaiForEveryone()

type Item = OpenAI.Responses.ResponseInputItem
type Body = OpenAI.Responses.ResponseCreateParamsNonStreaming
const kinds = Object.keys(KINDS) as Kind[]
const TRIGGER: Item = { type: 'compaction_trigger' }
const QUESTION: Item = { role: 'user', content: 'Weather in Rome?' }
const NEXT: Item = { role: 'user', content: 'And now?' }

/** What Codex sends: the whole history and its tools (openai/codex codex-rs/core/src/compact_remote_v2.rs). */
const asked = (kind: Kind): Body => ({
  model: KINDS[kind].model,
  instructions: 'Be brief',
  input: [
    QUESTION,
    { type: 'function_call', call_id: 'call_1', name: 'weather', arguments: '{"city":"Rome"}' },
    { type: 'function_call_output', call_id: 'call_1', output: 'sunny' },
    TRIGGER,
  ],
  tools: [weather],
  tool_choice: 'auto',
  store: false,
})

const compact = async (kind: Kind, streaming: boolean): Promise<OpenAI.Responses.Response> => {
  everyone.fakes[kind].say({ steps: [{ text: ['Rome is', ' sunny'] }], usage: { input: 90, output: 6 } })
  return streaming
    ? await client.responses.stream({ ...asked(kind), stream: true }).finalResponse()
    : await client.responses.create(asked(kind))
}

const goOn = async (kind: Kind, input: Item[]): Promise<string> => {
  everyone.fakes[kind].say({ steps: [{ text: 'Still sunny' }] })
  const { output_text: said } = await client.responses.create({ model: KINDS[kind].model, input, store: false })
  expect(said).toBe('Still sunny')
  return everyone.fakes[kind].requests.at(-1)?.text ?? ''
}

describe.each(kinds)('%s', (kind) => {
  it.each([true, false])(
    'compacts a conversation to one item, which it goes on from (streaming: %s)',
    async (streaming) => {
      const { output, status, usage } = await compact(kind, streaming)
      expect(output).toEqual([{ type: 'compaction', id: expect.any(String), encrypted_content: expect.any(String) }])
      expect({ status, input: usage?.input_tokens, output: usage?.output_tokens }).toEqual({
        status: 'completed',
        input: 90,
        output: 6,
      })
      const sent = await goOn(kind, [QUESTION, ...(output as Item[]), NEXT])
      if (kind !== 'codex') expect(sent).toContain('Rome is sunny')
    },
  )

  it('tells each step of it', async () => {
    everyone.fakes[kind].say({ steps: [{ reasoning: 'Hm.', signature: 'sig-1' }, { text: 'Sunny' }] })
    const types: string[] = []
    for await (const { type } of await client.responses.create({ ...asked(kind), stream: true })) types.push(type)
    expect(types).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.output_item.done',
      'response.completed',
    ])
  })

  it('compacts by the endpoint of its own, whose output is the next input', async () => {
    everyone.fakes[kind].say({ steps: [{ text: 'One' }] })
    const first = await client.responses.create({ model: KINDS[kind].model, input: 'Weather in Rome?' })
    everyone.fakes[kind].say({ steps: [{ text: 'Rome is sunny' }], usage: { input: 50, output: 5 } })
    const compacted = await client.responses.compact({
      model: KINDS[kind].model,
      previous_response_id: first.id,
      input: 'Thanks',
    })
    expect(compacted).toMatchObject({
      object: 'response.compaction',
      usage: { input_tokens: 50, output_tokens: 5 },
      output: [
        { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Weather in Rome?' }] },
        { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Thanks' }] },
        { type: 'compaction', encrypted_content: expect.any(String) },
      ],
    })
    await goOn(kind, [...(compacted.output as Item[]), NEXT])
  })

  it('goes on by previous_response_id from what stands for the rest', async () => {
    everyone.fakes[kind].say({ steps: [{ text: 'Rome is sunny' }] })
    const first = await client.responses.create({ model: KINDS[kind].model, input: [QUESTION, TRIGGER] })
    everyone.fakes[kind].say({ steps: [{ text: 'Yes' }] })
    await client.responses.create({ model: KINDS[kind].model, previous_response_id: first.id, input: 'Still?' })
    const sent = everyone.fakes[kind].requests.at(-1)?.text
    expect(sent).not.toContain('Weather in Rome?')
    if (kind !== 'codex') expect(sent).toContain('Rome is sunny')
  })
})

describe('between vendors', () => {
  it("OpenAI is told byok's summary in words", async () => {
    const { output } = await compact('claude', true)
    expect(await goOn('codex', [QUESTION, ...(output as Item[]), NEXT])).toContain('Rome is sunny')
  })

  it.each(kinds.filter((kind) => kind !== 'codex'))("%s refuses OpenAI's own by name", async (kind) => {
    const { output } = await compact('codex', true)
    const input = [...(output as Item[]), NEXT]
    await expect(client.responses.create({ model: KINDS[kind].model, input })).rejects.toMatchObject({
      status: 400,
      param: 'input[0]',
      message: expect.stringContaining('`compaction`'),
    })
  })
})

describe('faults', () => {
  const model = KINDS.local.model

  it.each(['local', 'codex'] as const)('a trigger that is not last is refused (%s)', async (kind) => {
    const body = { model: KINDS[kind].model, input: [TRIGGER, NEXT] }
    await expect(client.responses.create(body)).rejects.toMatchObject({ status: 400, param: 'input[0]' })
  })

  it('a damaged summary is refused', async () => {
    const input: Item[] = [{ type: 'compaction', encrypted_content: 'byok.compaction.v1.bm8' }, NEXT]
    for (const kind of ['local', 'codex'] as const) {
      await expect(client.responses.create({ model: KINDS[kind].model, input })).rejects.toMatchObject({
        status: 400,
        code: 'invalid_encrypted_content',
      })
    }
  })

  it('a model that writes no summary has failed', async () => {
    everyone.fakes.local.say({ steps: [{ text: ' ' }] })
    const { status, error } = await client.responses.create({ model, input: [QUESTION, TRIGGER] })
    expect({ status, message: error?.message }).toEqual({
      status: 'failed',
      message: expect.stringContaining('no summary'),
    })
    everyone.fakes.local.say({ steps: [{ text: '' }] })
    await expect(client.responses.compact({ model, input: 'Hi' })).rejects.toMatchObject({ status: 502 })
  })

  it('a summary that was cut short is incomplete', async () => {
    everyone.fakes.local.say({ steps: [{ text: 'Rome' }], finish: 'length' })
    const { status } = await client.responses.create({ model, input: [QUESTION, TRIGGER] })
    expect(status).toBe('incomplete')
  })

  it('nothing to compact, and no model, are refused', async () => {
    await expect(client.responses.compact({ model })).rejects.toMatchObject({ status: 400, param: 'input' })
    await expect(client.responses.compact({ model: 'nope', input: 'Hi' })).rejects.toMatchObject({ status: 404 })
  })
})
