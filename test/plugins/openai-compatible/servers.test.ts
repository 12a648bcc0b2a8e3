import { afterEach, describe, expect, it } from 'vitest'
import compatible from '../../../src/plugins/openai-compatible/index.ts'
import { BASE_URLS, startCompatible } from '../../upstreams/compatible.ts'
import type { CompatibleServer } from '../../upstreams/compatible.ts'
import { runProvider } from '../run.ts'
import type { Json } from '../run.ts'

const closing: (() => Promise<void>)[] = []

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

/** A byok in front of a server that it knows by its base URL, and that stands elsewhere. */
async function start(server: CompatibleServer) {
  const fake = await startCompatible(server)
  closing.push(() => fake.close())
  const run = await runProvider(compatible, {
    name: 'local',
    settings: { type: 'openai-compatible', base_url: BASE_URLS[server], api_keys: [{ key: 'k', base_url: fake.url }] },
  })
  closing.push(() => run.close())
  return {
    fake,
    run,
    /** What the server was asked, and whether it took it. */
    async ask(path: string, body: Json) {
      const response = await run.byok.fetch(
        new Request(`http://localhost${path}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ ...body, model: `local/${body['model']}` }),
        }),
      )
      const said = await response.text()
      return { status: response.status, said, sent: fake.requests.at(-1)?.json as Json }
    },
  }
}

const TOOLS = ['Read', 'Edit'].map((name) => ({
  name,
  description: name,
  input_schema: { type: 'object', properties: {} },
}))

/** The second request of a turn of Claude Code's. */
const claudeCode = (more: Json = {}): Json => ({
  model: 'some-model',
  max_tokens: 32_000,
  stream: true,
  system: [
    { type: 'text', text: 'You are an agent.', cache_control: { type: 'ephemeral' } },
    { type: 'text', text: 'Be short.', cache_control: { type: 'ephemeral' } },
  ],
  metadata: { user_id: 'user_1_account_2_session_3' },
  thinking: { type: 'adaptive' },
  output_config: { effort: 'max' },
  tools: TOOLS,
  messages: [
    {
      role: 'user',
      content: [
        { type: 'text', text: '<system-reminder/>' },
        { type: 'text', text: 'Read a.txt' },
      ],
    },
    {
      role: 'assistant',
      content: [
        { type: 'thinking', thinking: 'It wants a.txt.', signature: '' },
        { type: 'text', text: 'Reading it.' },
        { type: 'tool_use', id: 'toolu_01A', name: 'Read', input: { path: 'a.txt' } },
      ],
    },
    {
      role: 'user',
      content: [
        {
          type: 'tool_result',
          tool_use_id: 'toolu_01A',
          content: [
            { type: 'text', text: 'Hello' },
            { type: 'text', text: '(end)' },
          ],
        },
        { type: 'text', text: '<system-reminder/>' },
      ],
    },
  ],
  ...more,
})

/** The second request of a turn of Codex'. */
const codex = (more: Json = {}): Json => ({
  model: 'some-model',
  stream: true,
  store: false,
  prompt_cache_key: 'thread-1',
  instructions: 'You are an agent.',
  include: ['reasoning.encrypted_content'],
  reasoning: { effort: 'xhigh', summary: 'auto' },
  text: { verbosity: 'low' },
  tool_choice: 'auto',
  parallel_tool_calls: true,
  tools: [{ type: 'function', name: 'shell', strict: false, parameters: { type: 'object', properties: {} } }],
  input: [
    { type: 'message', role: 'developer', content: [{ type: 'input_text', text: 'Sandbox.' }] },
    {
      type: 'message',
      role: 'user',
      content: [
        { type: 'input_text', text: '<env/>' },
        { type: 'input_text', text: 'List' },
      ],
    },
    { type: 'function_call', call_id: 'call_abc', name: 'shell', arguments: '{}' },
    { type: 'function_call_output', call_id: 'call_abc', output: 'a.txt' },
  ],
  ...more,
})

describe.each([
  ['groq', 'llama-3.3-70b-versatile'],
  ['xai', 'grok-4'],
  ['ollama', 'llama3.1:8b'],
  ['unknown', 'some-model'],
  ['deepseek', 'deepseek-v4-pro'],
  ['gateway', 'deepseek-ai/deepseek-v4-pro'],
  ['mistral', 'devstral-medium-latest'],
  ['vllm', 'mistralai/Devstral-Small-2-24B-Instruct-2512'],
  ['azure', 'gpt-5.6'],
  ['azure', 'gpt-5.4'],
  ['azure', 'gpt-5-mini'],
  ['azure', 'gpt-4o'],
] as const)('what is translated for %s, %s', (server, model) => {
  it('is taken, of Claude Code and of Codex', async () => {
    const { ask } = await start(server)
    for (const [path, body] of [
      ['/v1/messages', claudeCode()],
      ['/v1/messages', claudeCode({ thinking: { type: 'disabled' }, output_config: undefined })],
      ['/v1/responses', codex()],
    ] as const) {
      const { status, said } = await ask(path, { ...body, model })
      expect([status, said]).toEqual([200, expect.any(String)])
    }
  })
})

describe('the effort', () => {
  it.each([
    ['groq', 'openai/gpt-oss-120b', 'max', 'high'],
    ['groq', 'qwen/qwen3-32b', 'none', 'none'],
    ['groq', 'qwen/qwen3-32b', 'high', undefined],
    ['xai', 'grok-4.3', 'max', 'high'],
    ['xai', 'grok-4.20-0309-reasoning', 'high', undefined],
    ['xai', 'grok-code-fast-1', 'high', undefined],
    ['xai', 'grok-3-mini', 'none', 'low'],
    ['ollama', 'gpt-oss:20b', 'none', 'low'],
    ['ollama', 'qwen3:8b', 'high', undefined],
    ['ollama', 'qwen3:8b', 'none', 'none'],
    ['mistral', 'mistral-small-latest', 'low', 'high'],
    ['mistral', 'mistral-large-latest', 'low', undefined],
    ['openrouter', 'minimax/minimax-m2.5', 'none', undefined],
    ['openrouter', 'deepseek/deepseek-v4-pro', 'none', 'none'],
    ['openrouter', 'openai/gpt-5.6', 'xhigh', 'xhigh'],
    ['unknown', 'glm-5', 'xhigh', 'high'],
    ['unknown', 'glm-5', 'none', undefined],
  ] as const)('is told to %s of %s, where %s is asked for, as %s', async (server, model, effort, told) => {
    const { ask } = await start(server)
    const { status, sent } = await ask('/v1/responses', codex({ model, reasoning: { effort } }))
    expect([status, sent['reasoning_effort']]).toEqual([200, told])
  })

  it('is told as it is of what is an OpenAI model by name', async () => {
    const { ask } = await start('unknown')
    const { sent } = await ask('/v1/responses', codex({ model: 'openai/gpt-5.6', reasoning: { effort: 'xhigh' } }))
    expect(sent['reasoning_effort']).toBe('xhigh')
  })
})

it('names a tool to a server that may not know how by offering that one alone', async () => {
  const { ask } = await start('unknown')
  const { status, sent } = await ask('/v1/messages', claudeCode({ tool_choice: { type: 'tool', name: 'Edit' } }))
  expect([status, sent['tool_choice']]).toEqual([200, 'required'])
  expect(sent['tools']).toMatchObject([{ function: { name: 'Edit' } }])
})

describe('DeepSeek', () => {
  it.each([
    ['deepseek', 'deepseek-v4-pro'],
    ['gateway', 'deepseek-v4-pro'],
    ['gateway', 'mimo-v2.5-pro'],
    ['gateway', 'XiaomiMiMo/MiMo-V2-Flash'],
  ] as const)(
    'gets the reasoning back that it gave, and an empty one of another vendor (%s, %s)',
    async (server, model) => {
      const { ask } = await start(server)
      const { status, sent } = await ask('/v1/messages', claudeCode({ model }))
      expect(status).toBe(200)
      expect(sent['messages'][2]).toMatchObject({ role: 'assistant', reasoning_content: 'It wants a.txt.' })
      const { sent: foreign } = await ask('/v1/responses', codex({ model }))
      expect(foreign['messages'][2]).toMatchObject({ role: 'assistant', reasoning_content: '' })
    },
  )

  it('thinks as hard as it is asked to, or not', async () => {
    const { ask } = await start('deepseek')
    const { sent } = await ask('/v1/messages', claudeCode({ model: 'deepseek-v4-pro' }))
    expect(sent).toMatchObject({ thinking: { type: 'enabled' }, reasoning_effort: 'max' })
    const off = { model: 'deepseek-v4-pro', thinking: { type: 'disabled' }, output_config: undefined }
    const { sent: unthought } = await ask('/v1/messages', claudeCode(off))
    expect(unthought['thinking']).toEqual({ type: 'disabled' })
    expect(unthought['reasoning_effort']).toBeUndefined()
  })

  it('does not think where a call is forced', async () => {
    const { ask } = await start('deepseek')
    for (const choice of [{ type: 'any' }, { type: 'tool', name: 'Edit' }]) {
      const { status, sent } = await ask(
        '/v1/messages',
        claudeCode({ model: 'deepseek-v4-flash', tool_choice: choice }),
      )
      expect([status, sent['thinking']]).toEqual([200, { type: 'disabled' }])
    }
  })

  it('is told the schema of its answer in words', async () => {
    const { ask } = await start('deepseek')
    const schema = {
      type: 'object',
      properties: { title: { type: 'string' } },
      required: ['title'],
      additionalProperties: false,
    }
    const { status, sent } = await ask(
      '/v1/messages',
      claudeCode({ model: 'deepseek-v4-flash', output_config: { format: { type: 'json_schema', schema } } }),
    )
    expect([status, sent['response_format']]).toEqual([200, { type: 'json_object' }])
    expect(sent['messages'][0].content).toContain('"title"')
  })
})

describe('Mistral', () => {
  it.each([
    ['mistral', 'mistral-large-latest'],
    ['vllm', 'Ministral-3-8B'],
  ] as const)(
    'gets calls, results and an answer that was cut off before its first word as its tokenizer takes them (%s)',
    async (server, model) => {
      const { ask } = await start(server)
      const { messages } = claudeCode() as { messages: Json[] }
      const cut = [
        { role: 'assistant', content: [{ type: 'thinking', thinking: 'Hm', signature: '' }] },
        { role: 'user', content: 'Go on' },
      ]
      const { status, sent } = await ask('/v1/messages', claudeCode({ model, messages: [...messages, ...cut] }))
      expect(status).toBe(200)
      const [call, result] = [sent['messages'][2], sent['messages'][3]]
      expect(call.tool_calls[0].id).toBe(result.tool_call_id)
      expect((sent['messages'] as Json[]).map(({ role }) => role as string)).toEqual([
        ...['system', 'user', 'assistant', 'tool', 'assistant', 'user'],
        ...(server === 'mistral' ? ['user'] : []),
      ])
    },
  )

  it('keeps an id of its own', async () => {
    const { ask } = await start('mistral')
    const { sent } = await ask(
      '/v1/responses',
      codex({
        input: [
          { type: 'message', role: 'user', content: 'List' },
          { type: 'function_call', call_id: 'gdRdrvnHh', name: 'shell', arguments: '{}' },
          { type: 'function_call_output', call_id: 'gdRdrvnHh', output: 'a.txt' },
        ],
      }),
    )
    expect(sent['messages'][2].tool_calls[0].id).toBe('gdRdrvnHh')
    expect(sent['prompt_cache_key']).toBe('thread-1')
  })
})

it("tells llama.cpp the sizes and patterns of a tool's texts in words, of which it cannot make a grammar", async () => {
  const { ask } = await start('llamacpp')
  const properties = {
    script: { type: 'string', description: 'What to run.', maxLength: 524_288 },
    day: { type: 'string', pattern: '^\\d{4}-\\d{2}$' },
    pattern: { type: 'string' },
    steps: {
      type: 'array',
      maxItems: 5000,
      items: { type: 'object', properties: { id: { type: 'string', pattern: 'S' } } },
    },
  }
  const tools = [{ name: 'Workflow', input_schema: { type: 'object', properties } }]
  const { status, sent } = await ask('/v1/messages', claudeCode({ tools, messages: [{ role: 'user', content: 'Hi' }] }))
  expect(status).toBe(200)
  expect(sent['tools'][0].function.parameters.properties).toEqual({
    script: { type: 'string', description: 'What to run. It has 524288 characters at most.' },
    day: { type: 'string', description: 'It must match the regular expression `^\\d{4}-\\d{2}$`.' },
    pattern: { type: 'string' },
    steps: {
      type: 'array',
      description: 'It has 5000 items at most.',
      items: {
        type: 'object',
        properties: { id: { type: 'string', description: 'It must match the regular expression `S`.' } },
      },
    },
  })
})

describe('OpenRouter', () => {
  const question = { role: 'user', content: 'Read a.txt' }
  const call = { toolCall: { id: 'call_1', name: 'Read', arguments: '{}' } }

  it("gets a model's reasoning back with its proof, of Claude Code", async () => {
    const { ask, fake } = await start('openrouter')
    fake.say({ steps: [{ reasoning: 'Hm.', signature: 'proof-1' }, call] })
    const first = claudeCode({ model: 'google/gemini-3-pro-preview', stream: false, messages: [question] })
    const { said } = await ask('/v1/messages', first)
    const { content } = JSON.parse(said) as Json
    const result = { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'call_1', content: 'Hello' }] }
    const { status, sent } = await ask('/v1/messages', {
      ...first,
      messages: [question, { role: 'assistant', content }, result],
    })
    expect(status).toBe(200)
    expect(sent['messages'][2].reasoning_details).toEqual([
      { type: 'reasoning.text', text: 'Hm.', signature: 'proof-1', format: 'google-gemini-v1', index: 0 },
    ])
  })

  it("gets a model's reasoning back with its proof, of Codex", async () => {
    const { ask, fake } = await start('openrouter')
    fake.say({ steps: [{ reasoning: 'Hm.', signature: 'proof-1' }, call] })
    const input = [{ type: 'message', ...question }]
    const first = codex({ model: 'google/gemini-3-pro-preview', stream: false, input })
    const { output } = JSON.parse((await ask('/v1/responses', first)).said) as Json
    const result = { type: 'function_call_output', call_id: 'call_1', output: 'Hello' }
    const { status, sent } = await ask('/v1/responses', { ...first, input: [...input, ...(output as Json[]), result] })
    expect(status).toBe(200)
    expect(sent['messages'].at(-2).reasoning_details).toMatchObject([
      { signature: 'proof-1', format: 'google-gemini-v1' },
    ])
  })

  it("is not told another vendor's reasoning without a proof", async () => {
    const { ask } = await start('openrouter')
    const { status, sent } = await ask('/v1/messages', claudeCode({ model: 'anthropic/claude-sonnet-5' }))
    expect(status).toBe(200)
    expect(sent['messages'][2]).not.toHaveProperty('reasoning_details')
  })
})

describe("OpenAI's models on Azure", () => {
  it('are told a limit and no sampling as they take them', async () => {
    const { ask } = await start('azure')
    const { status, sent } = await ask('/v1/messages', claudeCode({ model: 'gpt-5-mini', temperature: 0.2 }))
    expect([status, sent['max_completion_tokens'], sent['temperature']]).toEqual([200, 32_000, undefined])
    const { status: old, sent: told } = await ask('/v1/messages', claudeCode({ model: 'gpt-4o', temperature: 0.2 }))
    expect([old, told['temperature'], told['reasoning_effort']]).toEqual([200, 0.2, undefined])
  })

  it('reason where there are no tools', async () => {
    const { ask } = await start('azure')
    const question = { model: 'gpt-5.6', tools: undefined, messages: [{ role: 'user', content: 'Why?' }] }
    const { sent } = await ask('/v1/messages', claudeCode(question))
    expect(sent['reasoning_effort']).toBe('max')
    const { sent: unreasoned } = await ask('/v1/messages', claudeCode({ model: 'gpt-5.6' }))
    expect(unreasoned['reasoning_effort']).toBe('none')
  })
})

describe('stop sequences', () => {
  it.each([
    ['azure', 'gpt-4o', 4],
    ['azure', 'gpt-5-mini', 0],
    ['unknown', 'gpt-4o', 5],
  ] as const)('are kept by byok where they are more than are taken: %s, %s', async (server, model, most) => {
    const { ask, fake } = await start(server)
    const stop_sequences = ['</a>', '</b>', '</c>', '</d>', '</e>']
    fake.say({ steps: [{ text: 'yes</e> and more' }] })
    const { status, said, sent } = await ask('/v1/messages', claudeCode({ model, stop_sequences }))
    expect([status, sent['stop']]).toEqual([200, most === 0 ? undefined : stop_sequences.slice(0, most)])
    expect(said.includes('"stop_sequence":"</e>"')).toBe(most < 5)
  })
})

describe("the answer's limit", () => {
  const long = [{ role: 'user', content: 'word '.repeat(10_000) }]

  it('is left out where it and the prompt have no room in the window of the model', async () => {
    const { ask, run } = await start('vllm')
    await run.get('/v1/models')
    const { status, sent } = await ask('/v1/messages', claudeCode({ model: 'Qwen3-8B', messages: long }))
    expect([status, sent['max_tokens']]).toEqual([200, undefined])
    const { status: fitting, sent: kept } = await ask(
      '/v1/messages',
      claudeCode({ model: 'Qwen3-8B', max_tokens: 8000 }),
    )
    expect([fitting, kept['max_tokens']]).toEqual([200, 8000])
  })

  it('is no more than the model writes', async () => {
    const { ask, run } = await start('groq')
    await run.get('/v1/models')
    const { status, sent } = await ask('/v1/messages', claudeCode({ model: 'moonshotai/kimi-k2-instruct' }))
    expect([status, sent['max_tokens']]).toEqual([200, 16_384])
  })
})

describe('what VS Code marks for the cache by the name that Copilot has for it', () => {
  const mark = { copilot_cache_control: { type: 'ephemeral' } }
  it.each<[CompatibleServer, string, number]>([
    ['azure', 'gpt-4.1', 0],
    ['groq', 'llama-3.3-70b-versatile', 0],
    ['mistral', 'mistral-large-latest', 0],
    ['openrouter', 'anthropic/claude-sonnet-4.6', 2],
  ])('%s', async (server, model, marks) => {
    const { ask } = await start(server)
    const messages = [
      { role: 'system', content: 'You are an agent.', ...mark },
      { role: 'user', content: 'Look', ...mark },
    ]
    const { status, said, sent } = await ask('/v1/chat/completions', { model, messages })
    expect(status, said).toBe(200)
    const written = JSON.stringify(sent)
    expect(written).not.toContain('copilot_cache_control')
    expect(written.match(/"cache_control"/g) ?? []).toHaveLength(marks)
  })
})

describe('a template that wants turns', () => {
  it.each(['gemma-4-27b-it', 'Devstral-Small-2'])('gets what one side says in a row as one: %s', async (model) => {
    const { ask } = await start('vllm')
    const input = [
      { type: 'message', role: 'user', content: [{ type: 'input_text', text: '# AGENTS.md' }] },
      { type: 'message', role: 'user', content: [{ type: 'input_text', text: '<environment_context/>' }] },
      {
        type: 'message',
        role: 'user',
        content: [
          { type: 'input_text', text: 'List' },
          { type: 'input_image', image_url: 'data:image/png;base64,AA==' },
        ],
      },
      { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Well,' }] },
      { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'yes.' }] },
      { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Go on' }] },
    ]
    const { status, sent } = await ask('/v1/responses', codex({ model, input }))
    expect([status, (sent['messages'] as Json[]).slice(1)]).toMatchObject([
      200,
      [
        {
          role: 'user',
          content: [{ text: '# AGENTS.md\n\n<environment_context/>' }, { text: 'List' }, { type: 'image_url' }],
        },
        { role: 'assistant', content: 'Well,\n\nyes.' },
        { role: 'user', content: 'Go on' },
      ],
    ])
  })
})
