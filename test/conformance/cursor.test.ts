import type OpenAI from 'openai'
import { describe, expect, it } from 'vitest'
import { openaiForEveryone } from './openai-client.ts'
import { KINDS } from './providers.ts'
import type { Kind } from './providers.ts'

/*
 * What Cursor's servers send to an address of one's own, whose shapes are those of src/core/protocols/openai-chat/other-shapes.ts and
 * by-items.ts: the editor cannot be run here. Answers are read by the unmodified `openai` client, as chat completions.
 */

const { everyone, client } = await openaiForEveryone()

type Answer = OpenAI.ChatCompletionMessage | undefined

/** Asks by a body that is none of the client's own types. */
async function ask(body: object, streaming: boolean): Promise<Answer> {
  const path = '/chat/completions'
  if (!streaming) {
    const { choices } = await client.post<OpenAI.ChatCompletion>(path, { body })
    return choices[0]?.message
  }
  const stream = await client.post(path, { body: { ...body, stream: true }, stream: true })
  const message: OpenAI.ChatCompletionMessage = { role: 'assistant', content: '', refusal: null }
  for await (const chunk of stream as AsyncIterable<OpenAI.ChatCompletionChunk>) {
    const delta = chunk.choices[0]?.delta
    message.content += delta?.content ?? ''
    for (const { index, id = '', function: called } of delta?.tool_calls ?? []) {
      const known = message.tool_calls?.[index]
      if (known?.type === 'function') known.function.arguments += called?.arguments ?? ''
      else {
        const call = { name: called?.name ?? '', arguments: called?.arguments ?? '' }
        message.tool_calls = [...(message.tool_calls ?? []), { id, type: 'function', function: call }]
      }
    }
  }
  return message
}

const parameters = { type: 'object', properties: { path: { type: 'string' } }, required: ['path'] }
const reading = { toolCall: { id: 'call_1', name: 'read_file', arguments: ['{"path":', '"a.txt"}'] } }
const called = [{ type: 'function', function: { name: 'read_file', arguments: '{"path":"a.txt"}' } }]
const everywhere = (Object.keys(KINDS) as Kind[]).flatMap((kind) =>
  [true, false].map((streaming) => ({ kind, streaming })),
)

describe.each(everywhere)('Cursor in front of $kind (streaming: $streaming)', ({ kind, streaming }) => {
  const { model } = KINDS[kind]
  const wire = () => everyone.fakes[kind].requests.at(-1)?.text ?? ''

  it('asks in the words of Responses as its agent', async () => {
    const fake = everyone.fakes[kind]
    const tools = [
      { type: 'function', name: 'read_file', description: 'Reads a file.', parameters, strict: false },
      { type: 'function', function: { name: 'list_files', parameters } },
    ]
    const input: object[] = [
      { role: 'system', content: 'You are an agent.' },
      { role: 'user', content: [{ type: 'input_text', text: 'Read a.txt' }] },
    ]
    const asked = { model, input, tools, stream_options: { include_usage: true }, max_tokens: 500 }
    fake.say({ steps: [reading] })
    const first = await ask({ ...asked, reasoning_effort: 'low' }, streaming)
    expect(first?.tool_calls).toMatchObject(called)
    input.push(
      { type: 'function_call', call_id: 'call_1', name: 'read_file', arguments: '{"path":"a.txt"}' },
      { type: 'function_call_output', call_id: 'call_1', output: 'once upon a time' },
    )
    fake.say({ steps: [{ text: ['It tells ', 'a tale.'] }] })
    expect((await ask(asked, streaming))?.content).toBe('It tells a tale.')
    expect(wire()).toContain('once upon a time')
    expect(wire()).toContain('list_files')
  })

  it("asks in Anthropic's words of a model that is Claude by name", async () => {
    const fake = everyone.fakes[kind]
    const tools = [{ name: 'read_file', description: 'Reads a file.', input_schema: parameters }]
    const system = [{ type: 'text', text: 'You are an agent.', cache_control: { type: 'ephemeral' } }]
    const messages: object[] = [{ role: 'user', content: [{ type: 'text', text: 'Read a.txt' }] }]
    fake.say({ steps: [reading] })
    const first = await ask({ model, system, messages, tools, tool_choice: { type: 'auto' } }, streaming)
    expect(first?.tool_calls).toMatchObject(called)
    const result = [{ type: 'text', text: 'once upon a time' }]
    messages.push(
      {
        role: 'assistant',
        content: [
          { type: 'text', text: 'I look.' },
          { type: 'tool_use', id: 'call_1', name: 'read_file', input: { path: 'a.txt' } },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'call_1', content: result },
          { type: 'text', text: 'Be brief.' },
        ],
      },
    )
    fake.say({ steps: [{ text: 'A tale.' }] })
    expect((await ask({ model, system, messages, tools }, streaming))?.content).toBe('A tale.')
    for (const words of ['You are an agent.', 'once upon a time', 'Be brief.', 'I look.'])
      expect(wire()).toContain(words)
  })

  it('asks for chat completions with a flat tool among others, and calls without words', async () => {
    const fake = everyone.fakes[kind]
    const format = { type: 'grammar', syntax: 'lark', definition: 'start: "x"' }
    const tools = [
      { type: 'function', function: { name: 'read_file', parameters } },
      { type: 'custom', name: 'ApplyPatch', description: 'Patches.', format },
    ]
    const call = { id: 'call_1', ...called[0] }
    const messages = [
      { role: 'user', content: 'Read a.txt' },
      { role: 'assistant', content: [], tool_calls: [call] },
      { role: 'tool', tool_call_id: 'call_1', content: 'once upon a time' },
    ]
    fake.say({ steps: [{ text: 'A tale.' }] })
    expect((await ask({ model, messages, tools }, streaming))?.content).toBe('A tale.')
    expect(wire()).toContain('ApplyPatch')
    expect(wire()).toContain('once upon a time')
  })
})

it('is told in the words of what it asks where that is wrong', async () => {
  await expect(
    ask({ model: KINDS.claude.model, instructions: 'Be brief.', tools: [{}], input: [] }, false),
  ).rejects.toThrow(/tools\[0\]\.type/)
  await expect(ask({ model: KINDS.claude.model }, false)).rejects.toThrow(/messages/)
})
