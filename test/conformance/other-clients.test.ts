import { describe, expect, it } from 'vitest'
import type { ScriptStep } from '../../src/testing/script.ts'
import type { Json } from '../plugins/run.ts'
import { startTarget } from './start-target.ts'
import { nameOf, targets } from './targets.ts'
import type { Target } from './targets.ts'

/* What Anthropic and Google take of their clients, and other vendors do not: in front of every provider over each of its wires. */

const named = (list: readonly Target[]) => list.map((target) => [nameOf(target), target] as const)

/** @returns the answer, and what the provider was sent */
async function post(
  target: Target,
  path: string,
  body: Json,
  steps: ScriptStep[] = [{ text: 'Well' }],
): Promise<{ status: number; json: Json; sent: string }> {
  const { fake, run, close } = await startTarget(target)
  try {
    fake.say({ steps })
    const response = await run.byok.fetch(
      new Request(`http://localhost${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    )
    return {
      status: response.status,
      json: (await response.json()) as Json,
      sent: fake.requests.at(-1)?.text ?? '',
    }
  } finally {
    await close()
  }
}

const hello = [{ role: 'user', content: 'Hello' }]

/** As Anthropic's clients ask. */
function message(target: Target, body: Json, steps?: ScriptStep[]) {
  return post(target, '/v1/messages', { model: target.model, max_tokens: 2000, messages: hello, ...body }, steps)
}

describe('names of tools as long as Anthropic takes, and as Claude Code makes for the servers of plugins', () => {
  const name = `mcp__plugin_chrome-devtools-mcp_chrome-devtools__${'performance_'.repeat(5)}insight`
  const tools = [{ name, input_schema: { type: 'object', properties: {} } }]
  it.each(named(targets))('%s', async (_, target) => {
    const messages = [
      ...hello,
      { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name, input: {} }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'slow' }] },
    ]
    const { status, sent } = await message(target, { messages, tools })
    expect(status).toBe(200)
    const [wire = name] = /[\w-]*chrome-devtools__[\w-]*/.exec(sent) ?? []
    const steps: ScriptStep[] = [{ toolCall: { id: 'call_2', name: wire, arguments: ['{}'] } }]
    const called = await message(target, { messages, tools }, steps)
    expect(called.json['content']).toContainEqual(expect.objectContaining({ type: 'tool_use', name }))
  })
})

describe('schemas with what may be left out, to which Anthropic holds its models all the same', () => {
  const person = {
    type: 'object',
    properties: { name: { type: 'string' }, nickname: { type: 'string' } },
    required: ['name'],
    additionalProperties: false,
  }
  const strictTools = [{ name: 'greet', strict: true, input_schema: person }]
  const others = targets.filter(({ title }) => title !== 'Kiro')
  it.each(named(others))('%s', async (_, target) => {
    const format = await message(target, { output_config: { format: { type: 'json_schema', schema: person } } })
    expect(format.status, format.sent).toBe(200)
    expect(format.sent).toContain('nickname')
    const tools = await message(target, { tools: strictTools })
    expect(tools.status, tools.sent).toBe(200)
    expect(tools.sent).toContain('nickname')
  })

  it.each(named(others.filter(({ title }) => title === 'OpenAI')))('and %s where it can be', async (_, target) => {
    const all = { ...person, required: ['name', 'nickname'] }
    const { status, sent } = await message(target, {
      output_config: { format: { type: 'json_schema', schema: all } },
      tools: [{ ...strictTools[0], input_schema: all }],
    })
    expect(status).toBe(200)
    expect(sent.match(/"strict":true/g)).toHaveLength(2)
  })
})

/** As Google's clients ask. */
function content(target: Target, body: Json, steps?: ScriptStep[]) {
  return post(target, `/v1beta/models/${encodeURIComponent(target.model)}:generateContent`, body, steps)
}

describe('a function that failed and shows a picture', () => {
  const claudes = targets.filter(({ title, wire }) => title === 'Claude' || wire === 'Claude by messages')
  it.each(named(claudes))('%s', async (_, target) => {
    const inlineData = { mimeType: 'image/png', data: 'iVBORw0KGgo=' }
    const response = { id: 'a', name: 'look', response: { error: 'the page is broken' }, parts: [{ inlineData }] }
    const { status, sent } = await content(target, {
      contents: [
        { role: 'user', parts: [{ text: 'Look' }] },
        { role: 'model', parts: [{ functionCall: { id: 'a', name: 'look', args: {} } }] },
        { role: 'user', parts: [{ functionResponse: response }] },
      ],
      tools: [{ functionDeclarations: [{ name: 'look' }] }],
    })
    expect(status, sent).toBe(200)
    expect(sent).toMatch(/the page is broken.*iVBORw0KGgo=/)
  })
})

describe('sounds by the names that they have everywhere', () => {
  it.each([
    ['audio/mpeg', 'mp3'],
    ['audio/x-wav', 'wav'],
  ])('%s', async (mimeType, format) => {
    const target = targets.find(({ title }) => title === 'openai-compatible')
    if (!target) throw new Error('no server')
    const parts = [{ text: 'What is said?' }, { inlineData: { mimeType, data: 'AAAA' } }]
    const { status, sent } = await content(target, { contents: [{ role: 'user', parts }] })
    expect(status, sent).toBe(200)
    expect(sent).toContain(`"input_audio":{"data":"AAAA","format":"${format}"}`)
  })
})

describe('sounds, as Chat Completions has them, in Responses', () => {
  it.each(['openai-compatible', 'Gemini'])('%s', async (title) => {
    const target = targets.find((one) => one.title === title)
    if (!target) throw new Error('no server')
    const content = [
      { type: 'input_text', text: 'What is said?' },
      { type: 'input_audio', input_audio: { data: 'AAAA', format: 'wav' } },
    ]
    const { status, sent } = await post(target, '/v1/responses', {
      model: target.model,
      input: [{ role: 'user', content }],
    })
    expect(status, sent).toBe(200)
    expect(sent).toContain('"data":"AAAA"')
  })
})

describe('JSON of no schema, of which Google wants no word in the prompt', () => {
  const asked = { contents: [{ role: 'user', parts: [{ text: 'Name a city' }] }] }
  const generationConfig = { responseMimeType: 'application/json' }
  // Kiro has no such format.
  it.each(named(targets.filter(({ title }) => title !== 'Kiro')))('%s', async (_, target) => {
    const { status, sent } = await content(target, { ...asked, generationConfig }, [{ text: '{}' }])
    expect(status, sent).toBe(200)
  })
})

describe('lists of nothing, which clients send that have a field for each', () => {
  it.each(named(targets))('%s', async (_, target) => {
    const answers = [
      await message(target, { stop_sequences: [] }),
      await content(target, {
        contents: [{ role: 'user', parts: [{ text: 'Hello' }] }],
        generationConfig: { stopSequences: [] },
      }),
    ]
    for (const { status, sent } of answers) expect(status, sent).toBe(200)
  })

  it.each(named(targets.filter(({ title }) => /Qwen|Kimi/.test(title))))('and `logit_bias`: %s', async (_, target) => {
    const { status, sent } = await post(target, '/v1/chat/completions', {
      model: target.model,
      messages: hello,
      logit_bias: {},
    })
    expect(status, sent).toBe(200)
  })
})

describe('tools as the older AI SDKs have them for Google: one object in place of a list', () => {
  const tools = {
    functionDeclarations: { name: 'look', parameters: { type: 'object', properties: { at: { type: 'string' } } } },
  }
  it.each(named(targets))('%s', async (_, target) => {
    const contents = [{ role: 'user', parts: [{ text: 'Look' }] }]
    const toolConfig = { functionCallingConfig: { mode: 'AUTO' } }
    const { status, sent } = await content(target, { contents, tools, toolConfig })
    expect(status, sent).toBe(200)
    expect(sent).toContain('"look"')
  })
})

describe('a choice of tools as GitHub Copilot CLI has it for models that are Gemini by name', () => {
  const tool = { type: 'function', function: { name: 'look', parameters: { type: 'object', properties: {} } } }
  // What passes through is sent as the client wrote it, and OpenAI has no such word.
  const others = targets.filter(({ title, wire }) => title !== 'openai-compatible' && !/chat/.test(wire ?? ''))
  it.each(named(others))('%s', async (_, target) => {
    const asked = { model: target.model, messages: hello, tools: [tool], tool_choice: 'validated' }
    const { status, sent } = await post(target, '/v1/chat/completions', asked)
    expect(status, sent).toBe(200)
  })
})

describe('thinking as Kimi Code asks any model for it', () => {
  const thinking = { type: 'enabled', effort: 'high', keep: 'all' }
  it.each(named(targets.filter(({ title }) => title !== 'openai-compatible')))('%s', async (_, target) => {
    const { status, sent } = await post(target, '/v1/chat/completions', {
      model: target.model,
      messages: hello,
      thinking,
    })
    expect(status, sent).toBe(200)
    if (target.title === 'Kimi') expect(sent).toContain(`"thinking":${JSON.stringify(thinking)}`)
    else expect(sent).not.toContain('"keep"')
  })
})

describe('what is to be cached, as VS Code marks it for Copilot and everyone', () => {
  const mark = { copilot_cache_control: { type: 'ephemeral' } }
  const call = { id: 'call_1', type: 'function', function: { name: 'look', arguments: '{}' } }
  const tool = { type: 'function', function: { name: 'look', parameters: { type: 'object', properties: {} } } }
  const messages = [
    { role: 'system', content: 'You are an agent.', ...mark },
    { role: 'user', content: [{ type: 'text', text: 'Look' }], ...mark },
    { role: 'assistant', content: '', tool_calls: [call] },
    { role: 'tool', tool_call_id: 'call_1', content: 'all there', ...mark },
    { role: 'assistant', content: '', ...mark },
    { role: 'user', content: 'And now?' },
  ]
  // What passes through is sent as the client wrote it, and Copilot knows its own word.
  const others = targets.filter(({ title, wire }) => title !== 'openai-compatible' && wire !== 'GPT by chat')
  it.each(named(others))('%s', async (_, target) => {
    const asked = { model: target.model, messages, tools: [tool] }
    const { status, sent } = await post(target, '/v1/chat/completions', asked)
    expect(status, sent).toBe(200)
    expect(sent).not.toContain('copilot_cache_control')
    const claude = target.title === 'Claude' || (target.title === 'Copilot' && target.wire?.startsWith('Claude'))
    if (claude) expect(sent.match(/"cache_control":\{"type":"ephemeral"\}/g)).toHaveLength(3)
  })
})
