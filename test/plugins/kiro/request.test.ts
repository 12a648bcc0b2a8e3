import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ChatError } from '../../../src/core/chat/index.ts'
import type { AssistantPart, ChatMessage, ChatRequest, FunctionTool, UserPart } from '../../../src/core/chat/index.ts'
import { encodeRequest } from '../../../src/plugins/kiro/request.ts'
import { translator } from '../../../src/plugins/kiro/translator.ts'
import { checkConversation } from '../../upstreams/kiro-check.ts'
import type { WireObject } from '../../upstreams/openai-chat-check.ts'

const user = (...content: (string | UserPart)[]): ChatMessage => ({ role: 'user', content: content.map(part) })
const assistant = (...content: (string | AssistantPart)[]): ChatMessage => ({
  role: 'assistant',
  content: content.map(part),
})
const system = (text: string): ChatMessage => ({ role: 'system', content: [{ type: 'text', text }] })
const result = (toolCallId: string, text: string, more = {}): ChatMessage => ({
  role: 'tool',
  toolCallId,
  content: text === '' ? [] : [{ type: 'text', text }],
  ...more,
})
const call = (id: string, args = '{}', name = 'look'): AssistantPart => ({
  type: 'tool-call',
  id,
  name,
  kind: 'function',
  arguments: args,
})
const tool = (more: Partial<FunctionTool> = {}): FunctionTool => ({
  type: 'function',
  name: 'look',
  description: 'Looks.',
  ...more,
})
const image = (mediaType = 'image/png'): UserPart => ({
  type: 'image',
  source: { type: 'base64', mediaType, data: 'aGk=' },
})

function part<T>(value: string | T): T | { type: 'text'; text: string } {
  return typeof value === 'string' ? { type: 'text', text: value } : value
}

function encode(more: Partial<ChatRequest> = {}): WireObject {
  return encodeRequest({ model: 'claude-opus-4.6', messages: [user('Hi')], stream: true, ...more })
}

function state(messages: ChatMessage[], more: Partial<ChatRequest> = {}) {
  const body = encode({ messages, ...more })
  expect(checkConversation(body, new Set(['sig', 'sealed']))).toBeUndefined()
  const { history, currentMessage } = body.conversationState
  return { history, current: currentMessage.userInputMessage }
}

/** The history as `u: …` and `a: …`. */
function talk(history: WireObject[]): string[] {
  return history.map(({ userInputMessage: said, assistantResponseMessage: answer }) =>
    said ? `u: ${said.content}` : `a: ${answer.content}`,
  )
}

describe('a conversation', () => {
  it('has the last message apart from the history', () => {
    expect(encode({ messages: [user('Hi'), assistant('Hello.'), user('And now?')] })).toEqual({
      conversationState: {
        conversationId: expect.stringMatching(/^[\da-f-]{36}$/),
        chatTriggerType: 'MANUAL',
        agentTaskType: 'vibe',
        history: [
          { userInputMessage: { content: 'Hi', modelId: 'claude-opus-4.6', origin: 'KIRO_CLI' } },
          { assistantResponseMessage: { content: 'Hello.' } },
        ],
        currentMessage: {
          userInputMessage: { content: 'And now?', modelId: 'claude-opus-4.6', origin: 'KIRO_CLI' },
        },
      },
    })
  })

  it('asks for Kiro’s own pick by its name for it', () => {
    expect(encode({ model: 'kiro-default' }).conversationState.currentMessage.userInputMessage.modelId).toBe('auto')
  })

  it('keeps its id from request to request, and shares it with no other', () => {
    const id = (messages: ChatMessage[], more = {}) =>
      String(encode({ messages, ...more }).conversationState.conversationId)
    const first = id([system('Be kind.'), user('Hi')])
    expect(id([system('Be kind.'), user('Hi'), assistant('Hello.'), user('More')])).toBe(first)
    expect(id([system('Be kind.'), user('Hello')])).not.toBe(first)
    expect(id([user('Hi')], { promptCacheKey: 'a' })).toBe(id([user('Other')], { promptCacheKey: 'a' }))
  })

  it('begins with the system prompt', () => {
    const { history, current } = state([
      system('Be brief.'),
      { ...system('Be kind.'), role: 'developer' } as ChatMessage,
      user('Hi'),
    ])
    expect(talk(history)).toEqual(['u: Be brief.\n\nBe kind.', 'a: I will follow these instructions.'])
    expect(current.content).toBe('Hi')
  })

  it('says a later system message where it stands', () => {
    const { history, current } = state([user('Hi'), assistant('Hello.'), system('Speak French.'), user('And now?')])
    expect(talk(history)).toEqual(['u: Hi', 'a: Hello.'])
    expect(current.content).toBe('<system_instruction>\nSpeak French.\n</system_instruction>\n\nAnd now?')
  })

  it.each<[string, ChatMessage[], string[], string]>([
    ['two users', [user('a'), user('b')], [], 'a\n\nb'],
    ['two assistants', [user('a'), assistant('b'), assistant('c'), user('d')], ['u: a', 'a: b\n\nc'], 'd'],
    ['an assistant first', [assistant('a'), user('b')], ['u: (no text)', 'a: a'], 'b'],
    ['an assistant last', [user('a'), assistant('b')], ['u: a', 'a: b'], 'Continue.'],
    ['an empty user', [user('  ')], [], '(no text)'],
    ['an empty assistant', [user('a'), assistant(), user('b')], ['u: a', 'a: (no text)'], 'b'],
    ['a refusal', [user('a'), assistant({ type: 'refusal', refusal: 'No.' }), user('b')], ['u: a', 'a: No.'], 'b'],
    ['the system prompt alone', [system('s')], ['u: s', 'a: I will follow these instructions.'], 'Continue.'],
    ['nothing', [], [], 'Continue.'],
  ])('alternates with %s', (_name, messages, before, now) => {
    const { history, current } = state(messages)
    expect([talk(history), current.content]).toEqual([before, now])
  })

  it('sends images and plain documents', () => {
    const document: UserPart = {
      type: 'file',
      filename: 'a.txt',
      source: { type: 'text', mediaType: 'text/plain', text: 'Text.' },
    }
    const { history, current } = state([user('See', image('image/JPEG')), assistant('I see.'), user(image(), document)])
    expect(history[0].userInputMessage.images).toEqual([{ format: 'jpeg', source: { bytes: 'aGk=' } }])
    expect(current).toMatchObject({
      content: 'a.txt:\n\nText.',
      images: [{ format: 'png', source: { bytes: 'aGk=' } }],
    })
    expect(state([user(image())]).current.content).toBe('(no text)')
  })

  it.each([
    ['text/plain', Buffer.from('Grüße'), 'Grüße'],
    ['application/json', Buffer.from('{"a":1}'), '{"a":1}'],
    ['text/plain; charset=iso-8859-1', Buffer.from('Grüße', 'latin1'), 'Grüße'],
  ])('sends a file of %s, which OpenAI clients give as base64, as its text', (mediaType, bytes, text) => {
    const source = { type: 'base64' as const, mediaType, data: bytes.toString('base64') }
    const { current } = state([user({ type: 'file', filename: 'a.txt', source })])
    expect(current.content).toBe(`a.txt:\n\n${text}`)
  })
})

describe('tools', () => {
  it('are offered with the current message', () => {
    const parameters = { type: 'object', properties: { q: { type: 'string' } }, required: ['q'] }
    const { current } = state([user('Hi')], { tools: [tool({ parameters })] })
    expect(current.userInputMessageContext.tools).toEqual([
      { toolSpecification: { name: 'look', description: 'Looks.', inputSchema: { json: parameters } } },
    ])
  })

  it('lose of their schemas only what Kiro refuses and means nothing', () => {
    const parameters = {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      additionalProperties: false,
      required: [],
      properties: {
        required: { type: 'array', items: { type: 'object', additionalProperties: false, required: [] } },
        $schema: { type: 'string', pattern: '^a', default: { additionalProperties: false } },
        map: { type: 'object', additionalProperties: { type: 'number' } },
        any: { anyOf: [{ $ref: '#/$defs/a' }, { type: 'null' }] },
      },
      $defs: { a: { type: 'object', additionalProperties: true } },
    }
    const { current } = state([user('Hi')], { tools: [tool({ parameters })] })
    expect(current.userInputMessageContext.tools[0].toolSpecification.inputSchema.json).toEqual({
      type: 'object',
      properties: {
        required: { type: 'array', items: { type: 'object' } },
        $schema: { type: 'string', pattern: '^a', default: { additionalProperties: false } },
        map: { type: 'object', additionalProperties: { type: 'number' } },
        any: { anyOf: [{ $ref: '#/$defs/a' }, { type: 'null' }] },
      },
      $defs: { a: { type: 'object' } },
    })
  })

  it('always have a schema and a description', () => {
    const { current } = state([user('Hi')], { tools: [tool({ description: ' ' })] })
    expect(current.userInputMessageContext.tools[0].toolSpecification).toEqual({
      name: 'look',
      description: 'The tool look.',
      inputSchema: { json: { type: 'object', properties: {} } },
    })
  })

  it('keep schemas that are `true` or `false`, for a property or for items', () => {
    const parameters = { type: 'object', properties: { any: true, none: { type: 'array', items: false } } }
    const { current } = state([user('Hi')], { tools: [tool({ parameters })] })
    expect(current.userInputMessageContext.tools[0].toolSpecification.inputSchema.json).toEqual(parameters)
  })

  it('whose descriptions are too long are described in the system prompt', () => {
    const description = 'ü'.repeat(6000)
    const { history, current } = state([system('Be kind.'), user('Hi')], { tools: [tool({ description })] })
    expect(talk(history)[0]).toBe(`u: Be kind.\n\n## Tool: look\n\n${description}`)
    expect(current.userInputMessageContext.tools[0].toolSpecification.description).toBe(
      'Described in the system prompt, under "Tool: look".',
    )
  })

  it.each(['a'.repeat(65), 'mcp.server/tool', 'größe'])('named %s are known again in the answer', (name) => {
    const tools = [tool({ name })]
    const messages = [user('a'), assistant(call('t1', '{}', name)), result('t1', 'r')]
    const chat: ChatRequest = { model: 'm', messages, stream: true, tools }
    const body: WireObject = translator.request(chat)
    expect(checkConversation(body, new Set())).toBeUndefined()
    const { history, currentMessage } = body.conversationState
    const wire: string = currentMessage.userInputMessage.userInputMessageContext.tools[0].toolSpecification.name
    expect(wire).toMatch(/^[\w-]{1,64}$/)
    expect(history[1].assistantResponseMessage.toolUses[0].name).toBe(wire)
    const events = translator.events(chat)
    const frame = { event: 'toolUseEvent', data: JSON.stringify({ name: wire, toolUseId: 't1', stop: true }) }
    expect(events.push(frame)).toContainEqual(expect.objectContaining({ type: 'tool-call', name }))
  })

  it('are answered in the order they were called', () => {
    const messages = [
      user('Go'),
      assistant('Looking.', call('t1', '{"q":1}'), call('t2', '')),
      result('t2', 'second', { isError: true }),
      result('t1', ''),
      user('Go on.'),
    ]
    const { history, current } = state(messages, { tools: [tool()] })
    expect(history[1]).toEqual({
      assistantResponseMessage: {
        content: 'Looking.',
        toolUses: [
          { toolUseId: 't1', name: 'look', input: { q: 1 } },
          { toolUseId: 't2', name: 'look', input: {} },
        ],
      },
    })
    expect(current).toMatchObject({
      content: 'Go on.',
      userInputMessageContext: {
        toolResults: [
          { toolUseId: 't1', content: [{ text: '(no output)' }], status: 'success' },
          { toolUseId: 't2', content: [{ text: 'second' }], status: 'error' },
        ],
      },
    })
  })

  it('may answer with images, which go beside the results', () => {
    const seen: ChatMessage = {
      role: 'tool',
      toolCallId: 't1',
      content: [{ type: 'text', text: 'Here:' }, image() as never],
    }
    const { current } = state([user('a'), assistant(call('t1')), seen], { tools: [tool()] })
    expect(current.content).toBe('')
    expect(current.images).toHaveLength(1)
    expect(current.userInputMessageContext.toolResults[0].content).toEqual([
      { text: 'Here:' },
      { text: '[image 1 of this message]' },
    ])
  })

  it('keep their calls’ ids, unless Kiro could not take them', () => {
    const id = 'call_1|fc_'.repeat(9)
    const { history, current } = state([user('a'), assistant(call(id)), result(id, 'r')], { tools: [tool()] })
    const wire: string = history[1].assistantResponseMessage.toolUses[0].toolUseId
    expect(wire).toMatch(/^call_[\da-f]{32}$/)
    expect(current.userInputMessageContext.toolResults[0].toolUseId).toBe(wire)
  })

  it.each(['{"a":', '[1]'])('keep arguments that are no object, as %s', (words) => {
    const messages = [user('a'), assistant(call('t1', words)), result('t1', 'no', { isError: true })]
    const { history } = state(messages, { tools: [tool()] })
    expect(history[1].assistantResponseMessage.toolUses[0].input).toEqual({ arguments: words })
  })

  it.each<[string, Partial<ChatRequest>]>([
    ['the request offers none', {}],
    ['none may be called', { tools: [tool()], toolChoice: { type: 'none' } }],
  ])('are told of as text where %s', (_name, more) => {
    const messages = [user('a'), assistant(call('t1', '{"q":1}')), result('t1', 'found', { isError: true })]
    const { history, current } = state(messages, more)
    expect(talk(history)[1]).toBe('a: [called the tool look, call t1, with {"q":1}]')
    expect(current.content).toBe('[error of the tool call t1]\nfound')
    expect(current.userInputMessageContext).toBeUndefined()
  })

  it('are told of as text where the request offers others', () => {
    const early = call('t1', '{}', 'early')
    const messages = [user('a'), assistant(early), result('t1', 'r'), assistant(call('t2')), result('t2', 's')]
    const { history, current } = state(messages, { tools: [tool()] })
    const told = ['a: [called the tool early, call t1, with {}]', 'u: [result of the tool call t1]\nr', 'a: ']
    expect(talk(history).slice(1)).toEqual(told)
    expect(history[3].assistantResponseMessage.toolUses).toHaveLength(1)
    expect(current.userInputMessageContext.toolResults).toHaveLength(1)
  })

  it('have one result each, and what else a call says is text', () => {
    const messages = [user('a'), assistant(call('t1')), result('t1', 'r'), assistant('b'), result('t1', 's')]
    const { history, current } = state(messages, { tools: [tool()] })
    expect(history[2].userInputMessage.userInputMessageContext.toolResults).toHaveLength(1)
    expect(current.content).toMatch(/more of the result of look, t1\]\s+s$/)
    expect(current.userInputMessageContext.toolResults).toBeUndefined()
  })

  it.each<[string, ChatMessage[]]>([
    ['a call without a result', [user('a'), assistant(call('t1')), user('b')]],
    ['a call at the end', [user('a'), assistant(call('t1'))]],
    ['a result without a call', [user('a'), result('t1', 'r')]],
  ])('need calls and results to match: %s', (_name, messages) => {
    const error = expect.objectContaining({ status: 400, type: 'invalid_request_error' }) as Error
    expect(() => encode({ messages, tools: [tool()] })).toThrow(error)
  })
})

describe('reasoning', () => {
  it.each<[string, ChatRequest['reasoning'], unknown]>([
    [
      'claude-opus-5.5',
      { effort: 'xhigh' },
      { thinking: { type: 'adaptive', display: 'summarized' }, output_config: { effort: 'xhigh' } },
    ],
    ['claude-opus-4.6', { effort: 'xhigh' }, { thinking: { type: 'adaptive' }, output_config: { effort: 'max' } }],
    [
      'claude-sonnet-5',
      { effort: 'minimal' },
      { thinking: { type: 'adaptive', display: 'summarized' }, output_config: { effort: 'low' } },
    ],
    ['claude-opus-4.8', { effort: 'none' }, { thinking: { type: 'disabled' } }],
    [
      'claude-opus-4.6',
      { budgetTokens: 4096 },
      { thinking: { type: 'adaptive' }, output_config: { effort: 'medium' } },
    ],
    ['gpt-5.6-sol', { effort: 'none' }, { reasoning: { effort: 'none' } }],
    ['gpt-5.6-sol', { effort: 'high' }, { reasoning: { effort: 'high' } }],
    ['gpt-5.6-terra', { effort: 'high' }, { reasoning: { effort: 'high' } }],
    ['gpt-5.6-luna', { effort: 'none' }, { reasoning: { effort: 'none' } }],
    [
      'claude-opus-5',
      { effort: 'xhigh' },
      { thinking: { type: 'adaptive', display: 'summarized' }, output_config: { effort: 'xhigh' } },
    ],
    ['claude-sonnet-4.5', { effort: 'high' }, undefined],
    ['claude-opus-4.6', { summary: 'auto' }, undefined],
    ['claude-opus-4.6', undefined, undefined],
  ])('of %s at %j', (model, reasoning, fields) => {
    const body = encode({ model, reasoning })
    expect(body.additionalModelRequestFields).toEqual(fields)
    expect(checkConversation(body, new Set())).toBeUndefined()
  })

  it('goes back with Kiro’s own proof, the last of a message', () => {
    const answer = assistant(
      { type: 'reasoning', text: 'old', signature: 'kiro.older', format: 'unknown' },
      { type: 'reasoning', text: 'Hm.', signature: 'kiro.sig', format: 'unknown' },
      { type: 'reasoning', text: 'theirs', signature: 'sig', format: 'anthropic-claude-v1' },
      'Yes.',
    )
    const sealed = assistant({ type: 'reasoning', text: '', encrypted: 'kiro.sealed' }, 'No.')
    const { history } = state([
      user('a'),
      answer,
      user('b'),
      sealed,
      user('c'),
      assistant({ type: 'reasoning', text: 'x' }, 'd'),
    ])
    const sent = (history as WireObject[]).filter((entry) => 'assistantResponseMessage' in entry)
    expect(sent.map((entry): unknown => entry.assistantResponseMessage.reasoningContent)).toEqual([
      { reasoningText: { text: 'Hm.', signature: 'sig' } },
      { redactedContent: 'sealed' },
      undefined,
    ])
  })
})

describe('what Kiro cannot do', () => {
  const file = (source: object): ChatMessage => ({ role: 'user', content: [{ type: 'file', source: source as never }] })
  it.each<[Partial<ChatRequest>, string]>([
    [{ n: 2 }, 'n'],
    [{ logprobs: true }, 'logprobs'],
    [{ logitBias: { 1: 2 } }, 'logit_bias'],
    [{ responseFormat: { type: 'json_object' } }, 'response_format'],
    [{ responseFormat: { type: 'json_schema', name: 'a' } }, 'response_format'],
    [{ tools: [tool()], toolChoice: { type: 'required' } }, 'tool_choice'],
    [{ tools: [tool()], toolChoice: { type: 'tool', name: 'look', kind: 'function' } }, 'tool_choice'],
    [{ tools: [tool()], toolChoice: { type: 'allowed', mode: 'auto', names: ['look'] } }, 'tool_choice'],
    [{ tools: [{ type: 'custom', name: 'a' }] }, 'tools[0]'],
    [{ tools: [tool(), { type: 'provider', tool: {}, protocol: 'openai-chat' }] }, 'tools[1]'],
    [{ messages: [user({ type: 'audio', data: 'aGk=', format: 'wav' })] }, 'messages[0].content[0]'],
    [{ messages: [file({ type: 'base64', mediaType: 'application/pdf', data: 'aGk=' })] }, 'messages[0].content[0]'],
    [{ messages: [file({ type: 'base64', mediaType: 'text/plain', data: '/w==' })] }, 'messages[0].content[0]'],
    [
      { messages: [user('a', { type: 'image', source: { type: 'url', url: 'https://a.example/b.png' } })] },
      'messages[0].content[1]',
    ],
    [{ messages: [user(image('image/bmp'))] }, 'messages[0].content[0]'],
    [{ messages: [user('a'), assistant(image())] }, 'messages[1].content[0]'],
  ])('%j is a 400 naming it', (more, param) => {
    let error: unknown
    try {
      encode(more)
    } catch (thrown) {
      error = thrown
    }
    expect(error).toBeInstanceOf(ChatError)
    expect(error).toMatchObject({ status: 400, code: 'unsupported_feature', param, provider: 'Kiro' })
  })

  it.each(['OBJECT', 'dict', ['object', 'null'], null])('takes the type %j for an object', (type) => {
    const { current } = state([user('Hi')], { tools: [tool({ parameters: { type, properties: {} } })] })
    const { inputSchema } = current.userInputMessageContext.tools[0].toolSpecification
    expect(inputSchema.json).toEqual({ type: 'object', properties: {} })
  })

  it('takes a schema for an object only', () => {
    expect(() => encode({ tools: [tool({ parameters: { type: 'string' } })] })).toThrow(
      expect.objectContaining({ status: 400, param: 'tools[0].function.parameters' }) as Error,
    )
  })

  it('leaves out hints without which the answer is of use', () => {
    const hints = {
      maxTokens: 5,
      temperature: 1,
      topP: 1,
      seed: 1,
      user: 'u',
      store: true,
      verbosity: 'low',
      extra: { a: 1 },
    }
    expect(encode({ ...hints, n: 1, responseFormat: { type: 'text' }, parallelToolCalls: false })).toEqual(encode())
  })
})

it('never sends what Kiro would refuse, whatever the conversation', () => {
  const words = fc.string({ maxLength: 8 })
  const turn = fc.oneof(
    words.map((text) => [user(text)]),
    words.map((text) => [system(text)]),
    words.map((text) => [assistant(text)]),
    fc
      .uniqueArray(fc.string({ minLength: 1, maxLength: 80 }), { minLength: 1, maxLength: 3 })
      .map((ids) => [assistant(...ids.map((id) => call(id))), ...ids.toReversed().map((id) => result(id, 'r'))]),
  )
  fc.assert(
    fc.property(fc.array(turn, { maxLength: 6 }), fc.boolean(), (turns, offered) => {
      // Calls of neighbouring assistants would share one turn; a user between keeps them apart.
      const messages = turns.flatMap((group) => [...group, user('go on')])
      const body = encode({ messages, ...(offered && { tools: [tool()] }) })
      expect(checkConversation(body, new Set())).toBeUndefined()
      const sent = JSON.stringify(body)
      for (const message of messages) {
        for (const said of message.content) {
          if (said.type === 'text' && said.text.trim() !== '')
            expect(sent).toContain(JSON.stringify(said.text).slice(1, -1))
        }
      }
    }),
  )
})
