import { describe, expect, it } from 'vitest'
import type { ScriptStep } from '../../src/testing/script.ts'
import type { Json } from '../plugins/run.ts'
import { startTarget } from './start-target.ts'
import { nameOf, targets } from './targets.ts'
import type { Target } from './targets.ts'

/* Conversations as agents and other providers' models leave them, in front of every provider over each of its wires. */

const tools = [{ type: 'function', function: { name: 'weather', parameters: { type: 'object', properties: {} } } }]
const named = (list: readonly Target[]) => list.map((target) => [nameOf(target), target] as const)

/** @returns the answer, and what the provider was sent */
async function ask(
  target: Target,
  body: Json,
  steps: ScriptStep[] = [{ text: 'Well' }],
): Promise<{ status: number; json: Json; sent: string }> {
  const { fake, run, close } = await startTarget(target)
  try {
    fake.say({ steps })
    const { status, json } = await run.chat({ model: target.model, ...body })
    return { status, json, sent: fake.requests.at(-1)?.text ?? '' }
  } finally {
    await close()
  }
}

const answered = { status: 200, json: { choices: [{ message: { content: 'Well' } }] } }

const call = (id: string, city: string) => ({
  id,
  type: 'function',
  function: { name: 'weather', arguments: JSON.stringify({ city }) },
})

/** Claude by its own wire, of Anthropic or another. */
const claudes = targets.filter(({ title, wire }) => title === 'Claude' || wire === 'Claude by messages')

describe('ids of calls that were given twice, as many local servers do', () => {
  it.each(named(claudes))('%s', async (_, target) => {
    const messages = [
      { role: 'user', content: 'How is Rome?' },
      { role: 'assistant', content: null, tool_calls: [call('call_0', 'Rome')] },
      { role: 'tool', tool_call_id: 'call_0', content: 'sunny' },
      { role: 'assistant', content: 'Sunny.' },
      { role: 'user', content: 'And Oslo and Bern?' },
      { role: 'assistant', content: null, tool_calls: [call('call_0', 'Oslo'), call('call_0', 'Bern')] },
      { role: 'tool', tool_call_id: 'call_0', content: 'cold' },
      { role: 'tool', tool_call_id: 'call_0', content: 'rainy' },
    ]
    const { sent, ...answer } = await ask(target, { messages, tools })
    expect(answer).toMatchObject(answered)
    const blocks = (JSON.parse(sent) as { messages: Json[] }).messages.flatMap(({ content }) => content as Json[])
    const said = (id: unknown) => blocks.find((block) => block['tool_use_id'] === id)?.['content'] as unknown
    const pairs = blocks.filter(({ type }) => type === 'tool_use').map(({ id, input }) => [input.city, said(id)])
    expect(pairs).toEqual([
      ['Rome', 'sunny'],
      ['Oslo', 'cold'],
      ['Bern', 'rainy'],
    ])
  })
})

describe('ids of calls that are longer than a vendor takes, as OpenAI itself has them', () => {
  // What passes through is as the client wrote it.
  const passing = ['chat', 'GPT by chat', undefined]
  const rewritten = targets.filter(
    ({ title, wire }) => !/OpenAI|Copilot|compatible/i.test(title) || !passing.includes(wire),
  )
  it.each(named(rewritten))('%s', async (_, target) => {
    const [one, two] = ['a', 'b'].map((end) => `call_${'0'.repeat(80)}${end}`)
    const messages = [
      { role: 'user', content: 'How are Rome and Oslo?' },
      { role: 'assistant', content: null, tool_calls: [call(one ?? '', 'Rome'), call(two ?? '', 'Oslo')] },
      { role: 'tool', tool_call_id: two, content: 'cold' },
      { role: 'tool', tool_call_id: one, content: 'sunny' },
    ]
    expect(await ask(target, { messages, tools })).toMatchObject(answered)
  })
})

describe('a last message without words, after which no model may go on with its own', () => {
  const strict = targets.filter(({ title }) => ['Gemini', 'Antigravity', 'Kiro'].includes(title))
  it.each(named([...claudes, ...strict]))('%s', async (_, target) => {
    const messages = [
      { role: 'user', content: 'Hello' },
      { role: 'assistant', content: 'Hi, I am' },
      { role: 'user', content: '' },
    ]
    const { sent, ...answer } = await ask(target, { messages })
    expect(answer).toMatchObject(answered)
    expect(sent).toMatch(/Hi, I am.*\(no text\)/s)
  })
})

describe('a conversation that ends with the model, as opencode ends one at the last step of an agent', () => {
  const newer = [
    ...named(targets.filter(({ title, wire }) => title === 'Gemini' || wire === 'Gemini models')),
    ...named(targets.filter(({ title }) => title === 'Gemini')).map(
      ([name, target]) => [`${name}, a newer model`, { ...target, model: 'gemini-3.5-flash' }] as const,
    ),
  ]
  const thinking = named(claudes.filter(({ title }) => title === 'Claude')).map(
    ([name, target]) => [`${name}, with a budget`, { ...target, model: 'claude-sonnet-4-5' }] as const,
  )
  const others = named(targets.filter(({ wire }) => wire === 'Claude models'))
  it.each([...named(claudes), ...thinking, ...others, ...newer])('%s', async (_, target) => {
    const messages = [
      { role: 'user', content: 'How is Rome?' },
      { role: 'assistant', content: null, tool_calls: [call('call_1', 'Rome')] },
      { role: 'tool', tool_call_id: 'call_1', content: 'sunny' },
      { role: 'assistant', content: 'MAXIMUM STEPS REACHED. Tell what is done. ' },
    ]
    const { sent, ...answer } = await ask(target, { messages, tools, tool_choice: 'none', reasoning_effort: 'high' })
    expect(answer).toMatchObject(answered)
    expect(sent).toContain('MAXIMUM STEPS REACHED')
  })
})

describe('a tool that failed without a word', () => {
  it.each(named(claudes))('%s', async (_, target) => {
    const messages = [
      { role: 'user', content: 'How is Rome?' },
      { role: 'assistant', content: null, tool_calls: [call('call_1', 'Rome')] },
      { role: 'tool', tool_call_id: 'call_1', content: '', is_error: true },
    ]
    expect(await ask(target, { messages, tools })).toMatchObject(answered)
  })
})

describe('more strictness than Claude takes', () => {
  const nullable = { type: ['string', 'null'] }
  const names = (count: number) => Array.from({ length: count }, (_, index) => `p${index}`)
  const object = (count: number, schema: object, required = names(count)) => {
    const properties = Object.fromEntries(names(count).map((name) => [name, schema]))
    return { type: 'object', properties, required, additionalProperties: false }
  }
  const strictTools = (count: number, parameters: object) =>
    names(count).map((name) => ({ type: 'function', function: { name, parameters, strict: true } }))
  const $defs = { Node: object(1, { $ref: '#/$defs/Node' }) }
  const format = (schema: object) => ({ type: 'json_schema', json_schema: { name: 'answer', strict: true, schema } })

  const asked: [string, Json, RegExp][] = [
    ['tools', { tools: strictTools(21, object(1, { type: 'string' })) }, /"p20"/],
    ['unions in tools', { tools: strictTools(9, object(2, nullable)) }, /"p8"/],
    ['unions in the format', { response_format: format(object(17, nullable)) }, /valid against this JSON Schema/],
    [
      'options in the format',
      { response_format: format(object(25, { type: 'string' }, [])) },
      /valid against this JSON Schema/,
    ],
    [
      'a format that holds itself',
      { response_format: format({ ...object(1, { $ref: '#/$defs/Node' }), $defs }) },
      /valid against/,
    ],
    [
      'a format and tools',
      { tools: strictTools(5, object(2, nullable)), response_format: format(object(10, nullable)) },
      /"output_config":\{"format"/,
    ],
  ]
  const cases = named(claudes).flatMap(([name, target]) =>
    asked.map(([what, body, words]): [string, Target, Json, RegExp] => [`${name}: ${what}`, target, body, words]),
  )
  it.each(cases)('%s', async (_, target, body, words) => {
    const { sent, ...answer } = await ask(target, { messages: [{ role: 'user', content: 'Hello' }], ...body })
    expect(answer).toMatchObject(answered)
    expect(sent).toMatch(words)
  })

  it('is all that it takes, where it takes it', async () => {
    const [target] = claudes
    if (!target) throw new Error('no Claude')
    const body = { tools: strictTools(8, object(1, nullable)), response_format: format(object(8, nullable)) }
    const { sent } = await ask(target, { messages: [{ role: 'user', content: 'Hello' }], ...body })
    expect(sent.match(/"strict":true/g)).toHaveLength(8)
    expect(sent).toContain('"output_config":{"format"')
  })
})

describe('a user who is named by an email address', () => {
  it.each(named(claudes))('%s', async (_, target) => {
    const body = { messages: [{ role: 'user', content: 'Hello' }], user: 'me@example.com' }
    expect(await ask(target, body)).toMatchObject(answered)
  })
})

describe('a limit beyond what Claude writes', () => {
  it.each(named(claudes))('%s', async (_, target) => {
    const messages = [{ role: 'user', content: 'Hello' }]
    expect(await ask(target, { messages, max_tokens: 200_000 })).toMatchObject(answered)
    expect(await ask(target, { messages, max_completion_tokens: 200_000, reasoning_effort: 'low' })).toMatchObject(
      answered,
    )
  })
})

describe('names of tools with dots, as some servers of MCP have them', () => {
  it.each(named(claudes))('%s', async (_, target) => {
    const name = 'catalog.get-entity'
    const offered = [{ type: 'function', function: { name, parameters: { type: 'object', properties: {} } } }]
    const { sent, ...answer } = await ask(target, { messages: [{ role: 'user', content: 'Hello' }], tools: offered })
    expect(answer).toMatchObject(answered)
    const wire = (JSON.parse(sent) as { tools: [Json] }).tools[0]['name'] as string
    const called = await ask(target, { messages: [{ role: 'user', content: 'Hello' }], tools: offered }, [
      { toolCall: { id: 'toolu_1', name: wire, arguments: ['{}'] } },
    ])
    expect(called.json).toMatchObject({ choices: [{ message: { tool_calls: [{ function: { name } }] } }] })
  })
})

describe('arguments of tools whose names Claude refuses', () => {
  it.each(named(claudes))('%s', async (_, target) => {
    const properties = { 'filter[id]': { type: 'string' }, limit: { type: 'number' } }
    const parameters = { type: 'object', properties, required: ['filter[id]'] }
    const offered = [{ type: 'function', function: { name: 'list', parameters } }]
    const words = '{"filter[id]":"1","limit":2}'
    const messages = [
      { role: 'user', content: 'List' },
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 'a', type: 'function', function: { name: 'list', arguments: words } }],
      },
      { role: 'tool', tool_call_id: 'a', content: 'none' },
    ]
    const { sent, ...answer } = await ask(target, { messages, tools: offered })
    expect(answer).toMatchObject(answered)
    const { input_schema: schema } = (JSON.parse(sent) as { tools: [Json] }).tools[0]
    const [name = ''] = Object.keys(schema.properties as object)
    expect(schema.required).toEqual([name])
    expect(sent).toContain(`"input":{"${name}":"1","limit":2}`)
    const called = await ask(target, { messages, tools: offered }, [
      { toolCall: { id: 'toolu_1', name: 'list', arguments: [`{"${name}":`, '"1","limit":2}'] } },
    ])
    expect(called.json).toMatchObject({ choices: [{ message: { tool_calls: [{ function: { arguments: words } }] } }] })
  })
})

describe('arguments of tools that are called as keywords are, which Kimi refuses', () => {
  it.each(named(targets.filter(({ title }) => title === 'Kimi')))('%s', async (_, target) => {
    const field = {
      type: 'object',
      properties: { label: { type: 'string' }, required: { type: 'boolean' }, $ref: { type: 'string' } },
      required: ['label', 'required'],
    }
    const parameters = {
      type: 'object',
      properties: { fields: { type: 'array', items: field }, properties: { type: 'string' } },
    }
    const offered = [{ type: 'function', function: { name: 'create_form', parameters } }]
    const words = '{"fields":[{"label":"Name","required":true,"$ref":"#/a"}],"properties":"x"}'
    const messages = [
      { role: 'user', content: 'Make a form' },
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 'a', type: 'function', function: { name: 'create_form', arguments: words } }],
      },
      { role: 'tool', tool_call_id: 'a', content: 'made' },
    ]
    const { sent, ...answer } = await ask(target, { messages, tools: offered })
    expect(answer).toMatchObject(answered)
    const wire = JSON.parse(sent) as { tools: [Json]; messages: Json[] }
    const { items } = wire.tools[0]['function'].parameters.properties.fields as Json
    const [, required = '', ref = ''] = Object.keys(items.properties as object)
    expect(items.required).toEqual(['label', required])
    const written = `{"fields":[{"label":"Name","${required}":true,"${ref}":"#/a"}],"properties":"x"}`
    expect(wire.messages[1]?.['tool_calls'][0].function.arguments).toBe(written)
    const called = await ask(target, { messages, tools: offered }, [
      { toolCall: { id: 'b', name: 'create_form', arguments: [written.slice(0, 40), written.slice(40)] } },
    ])
    expect(called.json).toMatchObject({ choices: [{ message: { tool_calls: [{ function: { arguments: words } }] } }] })
  })
})

describe('parameters of tools that are no valid schema, as some servers of MCP have them', () => {
  const passing = ['chat', 'GPT by chat', undefined]
  const translated = targets.filter(
    ({ title, wire }) => !/OpenAI|Copilot|compatible|Qwen|Kimi|iFlow/i.test(title) || !passing.includes(wire),
  )
  it.each(named(translated))('%s', async (_, target) => {
    const properties = {
      pages: { type: 'int', minimum: 0, exclusiveMinimum: true },
      depth: { type: 'any', description: null },
      range: { type: 'array', items: [{ type: 'integer' }, { type: 'integer' }], additionalItems: false },
      path: { type: 'string', required: true },
      type: 'object',
    }
    const parameters = { type: 'object', properties, required: ['pages', 'pages'] }
    const { sent, ...answer } = await ask(target, {
      messages: [{ role: 'user', content: 'Hello' }],
      tools: [{ type: 'function', function: { name: 'read', parameters } }],
    })
    expect(answer).toMatchObject(answered)
    expect(sent).toMatch(/"required":\["pages","path"\]/)
  })
})

describe('images that are not of the type they are called', () => {
  const seeing = [...claudes, ...targets.filter(({ title }) => title === 'Gemini' || title === 'Antigravity')]
  const JPEG = '/9j/4AAQSkZJRgABAQAAAQABAAD/2Q=='
  const url = (type: string) => ({ type: 'image_url', image_url: { url: `data:${type};base64,${JPEG}` } })
  it.each(named(seeing))('%s', async (_, target) => {
    const content = [{ type: 'text', text: 'What is it?' }, url('image/png'), url('image/jpg')]
    const { sent, ...answer } = await ask(target, { messages: [{ role: 'user', content }] })
    expect(answer).toMatchObject(answered)
    expect(sent.match(/"image\/\w+"/g)).toEqual(['"image/jpeg"', '"image/jpeg"'])
  })
})

describe('words after the result of a tool, to a model that is to think', () => {
  it.each([
    ...named(targets),
    // Its thinking is counted.
    ...named(targets.filter(({ title }) => title === 'Claude')).map(
      ([name, target]) => [`${name}, with a budget`, { ...target, model: 'claude-sonnet-4-5' }] as const,
    ),
  ])('%s', async (_, target) => {
    const messages = [
      { role: 'user', content: 'How is Rome?' },
      { role: 'assistant', content: null, tool_calls: [call('call_1', 'Rome')] },
      { role: 'tool', tool_call_id: 'call_1', content: 'sunny' },
      { role: 'user', content: 'Be brief' },
    ]
    expect(await ask(target, { messages, tools, reasoning_effort: 'high' })).toMatchObject(answered)
  })
})

describe('an answer without a word after the result of a tool, to a model that is to think', () => {
  const counting = targets.filter(({ title }) => title === 'Claude')
  it.each([
    ...named(targets.filter(({ title }) => title !== 'openai-compatible')),
    ...named(counting).map(
      ([name, target]) => [`${name}, with a budget`, { ...target, model: 'claude-sonnet-4-5' }] as const,
    ),
  ])('%s', async (_, target) => {
    const messages = [
      { role: 'user', content: 'How is Rome?' },
      { role: 'assistant', content: null, tool_calls: [call('call_1', 'Rome')] },
      { role: 'tool', tool_call_id: 'call_1', content: 'sunny' },
      { role: 'assistant', content: '' },
      { role: 'user', content: 'Well?' },
    ]
    expect(await ask(target, { messages, tools, reasoning_effort: 'high' })).toMatchObject(answered)
  })
})

describe('what clients send back of the answers of other servers, and of byok', () => {
  // A proof that Gemini did not make it refuses; of the others nobody knows what they refuse.
  const strict = targets.filter(({ title }) => /^(?:OpenAI|Copilot|Claude|Kiro|Qwen)$/.test(title))
  const extra = { google: { thought_signature: 'cHJvb2Y=' } }
  it.each(named(strict))('%s', async (_, target) => {
    const messages = [
      { role: 'user', content: 'How is Rome?' },
      {
        role: 'assistant',
        content: null,
        reasoning_content: 'I look',
        reasoning_details: [{ type: 'reasoning.text', text: 'I look', format: 'unknown', index: 0 }],
        thinking_blocks: [{ type: 'thinking', thinking: 'I look', signature: 's' }],
        provider_specific_fields: { citations: null },
        tool_calls: [{ ...call('call_1', 'Rome'), index: 0, extra_content: extra, provider_specific_fields: {} }],
      },
      { role: 'tool', tool_call_id: 'call_1', name: 'weather', content: 'sunny' },
      { role: 'assistant', content: 'Sunny.', images: [], annotations: [] },
      { role: 'user', content: 'Thanks' },
    ]
    const { sent, ...answer } = await ask(target, { messages, tools })
    expect(answer).toMatchObject(answered)
    expect(sent).toContain('Sunny.')
  })
})

describe('images by a name that is none of theirs', () => {
  const jpeg = Buffer.from([0xff, 0xd8, 0xff, 0xe0]).toString('base64')
  it.each(named(targets))('%s', async (_, target) => {
    for (const name of ['image/jpg', 'image/png']) {
      const image = { type: 'image_url', image_url: { url: `data:${name};base64,${jpeg}` } }
      const messages = [{ role: 'user', content: [{ type: 'text', text: 'What is it?' }, image] }]
      const { sent, ...answer } = await ask(target, { messages })
      expect(answer).toMatchObject(answered)
      expect(sent).toContain(jpeg)
    }
  })
})

describe('thinking asked for in the words that clients have for other vendors', () => {
  const openrouter = {
    reasoning: { effort: 'high', exclude: false },
    usage: { include: true },
    include_reasoning: true,
    provider: { sort: 'price' },
    transforms: ['middle-out'],
    models: ['openai/gpt-5', 'anthropic/claude-sonnet-4.5'],
    route: 'fallback',
  }
  const others = targets.filter(({ title }) => title !== 'openai-compatible')
  it.each(named(others))('%s', async (_, target) => {
    const own = ['Kimi', 'iFlow', 'Qwen'].includes(target.title)
    const wishes = [
      { thinking: { type: 'enabled' } },
      // Anthropic's own; these two have a `thinking` of theirs.
      ...(['Kimi', 'iFlow'].includes(target.title) ? [] : [{ thinking: { type: 'adaptive' } }]),
      ...(own ? [] : [{ chat_template_kwargs: { enable_thinking: true } }]),
      { extra_body: { google: { thinking_config: { thinking_budget: -1, include_thoughts: true } } } },
      { reasoning_effort: 'auto' },
      { enable_thinking: true, thinking_budget: 2000 },
      { enable_thinking: false },
      ...(['Kimi', 'iFlow'].includes(target.title) ? [] : [openrouter]),
    ]
    for (const wish of wishes) {
      const messages = [{ role: 'user', content: 'Think' }]
      expect(await ask(target, { messages, ...wish }), JSON.stringify(wish)).toMatchObject(answered)
    }
  })
})

describe('reasoning among the words of an answer, as clients of several vendors send it back', () => {
  it.each(named(targets))('%s', async (_, target) => {
    const parts = [
      { type: 'thinking', thinking: 'Hm' },
      { type: 'thinking', thinking: [{ type: 'text', text: 'Hm' }] },
      { type: 'reasoning', text: 'Hm' },
    ]
    for (const part of parts.slice(target.title === 'openai-compatible' ? 3 : 0)) {
      const content = [part, { type: 'text', text: 'Hello' }]
      const messages = [
        { role: 'user', content: 'Hi' },
        { role: 'assistant', content },
        { role: 'user', content: 'Again' },
      ]
      expect(await ask(target, { messages }), JSON.stringify(part)).toMatchObject(answered)
    }
  })
})

describe('a schema beside `json_object`, as llama.cpp and Together have it, and Instructor asks them', () => {
  const schema = { type: 'object', properties: { nickname: { type: 'string' } }, required: ['nickname'] }
  const messages = [{ role: 'user', content: 'Name a person' }]
  // What passes through is as the client wrote it, and Kiro has no such format.
  const others = [...claudes, ...targets.filter(({ title }) => /Gemini|Antigravity|Qwen|Kimi|iFlow/.test(title))]
  const responses = targets.filter(({ wire, credential, title }) =>
    wire === undefined ? title === 'OpenAI' && credential === 'login' : /responses/.test(wire),
  )
  it.each(named([...others, ...responses]))('%s', async (_, target) => {
    const whole = await ask(target, { messages, response_format: { type: 'json_object', schema } }, [{ text: '{}' }])
    expect(whole).toMatchObject({ status: 200, json: { choices: [{ message: { content: '{}' } }] } })
    expect(whole.sent).toContain('nickname')
  })

  it.each(named([...others, ...responses]))('%s, where it says nothing', async (_, target) => {
    const asked = [{ role: 'user', content: 'Name a person, in JSON' }]
    const { status, sent } = await ask(target, {
      messages: asked,
      response_format: { type: 'json_object', schema: {} },
    })
    expect(status, sent).toBe(200)
  })
})

describe('the word JSON among what a system prompt says alone', () => {
  it.each(named(targets.filter(({ title }) => title !== 'Kiro')))('%s', async (_, target) => {
    const messages = [
      { role: 'system', content: 'Answer in JSON' },
      { role: 'user', content: 'Name a person' },
    ]
    const { status, sent } = await ask(target, { messages, response_format: { type: 'json_object' } }, [{ text: '{}' }])
    expect(status, sent).toBe(200)
  })
})

describe("a tool's output that an agent cut within a character", () => {
  // What passes through is as the client wrote it.
  const passing = ['chat', 'GPT by chat']
  const rewritten = targets.filter(
    ({ title, wire }) => title !== 'openai-compatible' && (wire === undefined || !passing.includes(wire)),
  )
  it.each(named(rewritten))('%s', async (_, target) => {
    const messages = [
      { role: 'user', content: 'How is Rome? 🌍' },
      { role: 'assistant', content: null, tool_calls: [call('call_1', 'Rome \ud83c')] },
      { role: 'tool', tool_call_id: 'call_1', content: 'sunny 🌞 and \ud83c' },
    ]
    const { sent, ...answer } = await ask(target, { messages, tools })
    expect(answer).toMatchObject(answered)
    expect(sent).toContain('How is Rome? 🌍')
    expect(sent).toContain('sunny 🌞 and \ufffd')
    expect(sent).not.toMatch(/(?<!\\)\\ud/)
  })
})

describe('tools that have one name, as those of two MCP servers may', () => {
  const rewritten = targets.filter(({ title, wire }) => title !== 'openai-compatible' && !/chat$/.test(wire ?? ''))
  it.each(named(rewritten))('%s', async (_, target) => {
    const search = (description: string) => ({
      type: 'function',
      function: {
        name: 'search',
        description,
        parameters: { type: 'object', properties: { query: { type: 'string' } } },
      },
    })
    const twice = [search('Searches Jira.'), ...tools, search('Searches Intercom.')]
    const { sent, ...answer } = await ask(target, { messages: [{ role: 'user', content: 'Hi' }], tools: twice })
    expect(answer).toMatchObject(answered)
    expect(sent).toContain('Jira')
    expect(sent).not.toContain('Intercom')
  })
})

describe('more cache breakpoints than Claude takes, and longer ones after shorter ones', () => {
  it.each(named(claudes))('%s', async (_, target) => {
    const part = (text: string, ttl?: string) => ({
      type: 'text',
      text,
      cache_control: { type: 'ephemeral', ...(ttl !== undefined && { ttl }) },
    })
    const messages = [
      { role: 'system', content: [part('One'), part('Two')] },
      { role: 'user', content: [part('Three'), part('Four')] },
      { role: 'assistant', content: [part('Five')] },
      { role: 'user', content: [part('Six', '1h')] },
    ]
    const marked = tools.map((tool) => ({ ...tool, cache_control: { type: 'ephemeral' } }))
    const { sent, ...answer } = await ask(target, { messages, tools: marked })
    expect(answer).toMatchObject(answered)
    const body = JSON.parse(sent) as Json
    const blocks = [...body['tools'], ...body['system'], ...body['messages'].flatMap(({ content }: Json) => content)]
    const kept = (blocks as Json[]).filter((block) => 'cache_control' in block)
    expect(kept.map(({ name, text }) => (name ?? text) as unknown)).toEqual(['weather', 'Two', 'Five', 'Six'])
    expect(sent).not.toContain('1h')
  })
})
