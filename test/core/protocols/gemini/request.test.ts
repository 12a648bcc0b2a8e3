import { describe, expect, it } from 'vitest'
import { withoutForeignExtra } from '../../../../src/core/chat/index.ts'
import type { ChatMessage, ChatRequest } from '../../../../src/core/chat/index.ts'
import { geminiGenerateContent, geminiProtocol } from '../../../../src/core/protocols/gemini/index.ts'
import { anthropicMessages } from '../../../../src/core/protocols/anthropic-messages/index.ts'
import { openaiChat, openaiChatProtocol } from '../../../../src/core/protocols/openai-chat/index.ts'
import { openaiResponsesProtocol } from '../../../../src/core/protocols/openai-responses/index.ts'
import { checkContent } from '../../../upstreams/gemini-check.ts'
import { issue } from '../../../upstreams/gemini-signatures.ts'
import { chatOf, fold } from './support.ts'
import type { Json } from './support.ts'

const write = (fields: Partial<ChatRequest>) => geminiGenerateContent().request(chatOf(fields)) as Json
const text = (words: string) => ({ type: 'text' as const, text: words })
const user = (words: string): ChatMessage => ({ role: 'user', content: [text(words)] })
const call = (id: string, name = 'f', args = '{}') => ({
  type: 'tool-call' as const,
  id,
  name,
  kind: 'function' as const,
  arguments: args,
})

describe('an answer in JSON beside functions', () => {
  const responseFormat = { type: 'json_schema' as const, name: 'sky', schema: { type: 'object', title: 'Sky' } }
  const tools = [{ type: 'function' as const, name: 'f' }]
  it.each(['gemini-2.5-flash', 'gemini-2.0-flash'])('is asked for in words, of %s', (model) => {
    const body = write({ model, responseFormat, tools })
    expect(checkContent(body, model)).toBeUndefined()
    expect(body['generationConfig']).toBeUndefined()
    expect(JSON.stringify(body['systemInstruction'])).toMatch(/one JSON object.*Sky/)
    expect(write({ model, responseFormat: { type: 'text' }, tools })['systemInstruction']).toBeUndefined()
  })

  it('is asked for as any other of newer models, and without functions', () => {
    const held = { generationConfig: { responseMimeType: 'application/json' } }
    expect(write({ model: 'gemini-3.1-pro-preview', responseFormat, tools })).toMatchObject(held)
    expect(write({ model: 'gemini-2.5-flash', responseFormat })).toMatchObject(held)
  })
})

describe('the format of an answer by its newest field', () => {
  const schema = { type: 'object', properties: { amount: { type: 'string' } } }
  const asked = (responseFormat: unknown) =>
    geminiProtocol.decode({
      model: 'gemini-3.5-flash',
      contents: [{ parts: [{ text: 'Hi' }] }],
      generationConfig: { responseFormat },
    })

  // As ai.google.dev/gemini-api/docs/file-search writes it in REST, and as `GenerationConfig` of @google/genai has it.
  it.each([
    [
      'an object',
      { text: { mimeType: 'application/json', schema } },
      { type: 'json_schema', name: 'response', schema },
    ],
    ['a list', [{ text: { mimeType: 'APPLICATION_JSON', schema } }], { type: 'json_schema', name: 'response', schema }],
    ['without a schema', { text: { mimeType: 'application/json' } }, { type: 'json_object' }],
    ['plain text', { text: { mimeType: 'TEXT_PLAIN' } }, { type: 'text' }],
  ])('is read, and goes to Gemini as it came: %s', (_, responseFormat, expected) => {
    const chat = asked(responseFormat)
    expect(chat.responseFormat).toEqual(expected)
    expect(geminiGenerateContent().request(chat)['generationConfig']).toEqual({ responseFormat })
  })

  it('is what others are asked for', () => {
    const chat = asked({ text: { mimeType: 'application/json', schema } })
    expect(openaiChat().request(chat)).toMatchObject({ response_format: { json_schema: { schema } } })
  })

  it('is refused where nobody knows it', () => {
    const refused = { status: 400, param: 'generationConfig.responseFormat[0].text.mimeType' }
    expect(() => asked({ text: { mimeType: 'text/csv' } })).toThrow(expect.objectContaining(refused))
  })
})

describe('messages', () => {
  it('of one role become one turn', () => {
    const { contents, systemInstruction } = write({
      messages: [
        { role: 'system', content: [text('A')] },
        { role: 'developer', content: [text('B')] },
        user('1'),
        { role: 'assistant', content: [call('a'), call('b', 'g')] },
        { role: 'tool', toolCallId: 'a', content: [text('ra')] },
        { role: 'tool', toolCallId: 'b', content: [text('rb')], isError: true },
        user('2'),
        { role: 'system', content: [text('later')] },
      ],
    })
    expect(systemInstruction).toEqual({ parts: [{ text: 'A' }, { text: 'B' }] })
    expect(contents).toEqual([
      { role: 'user', parts: [{ text: '1' }] },
      {
        role: 'model',
        parts: [{ functionCall: { id: 'a', name: 'f', args: {} } }, { functionCall: { id: 'b', name: 'g', args: {} } }],
      },
      {
        role: 'user',
        parts: [
          { functionResponse: { id: 'a', name: 'f', response: { output: 'ra' } } },
          { functionResponse: { id: 'b', name: 'g', response: { error: 'rb' } } },
          { text: '2' },
          { text: 'later' },
        ],
      },
    ])
  })

  it('begin with the user, and are never none', () => {
    expect(write({ messages: [{ role: 'assistant', content: [text('a')] }, user('b')] })['contents'][0]).toEqual({
      role: 'user',
      parts: [{ text: '' }],
    })
    expect(write({ messages: [{ role: 'system', content: [text('a')] }] })).toEqual({
      contents: [{ role: 'user', parts: [{ text: 'a' }] }],
    })
    expect(() => write({ messages: [] })).toThrow('no message with content')
  })

  it('leave out texts that say nothing, but for what is signed', () => {
    const content = [text(''), text('a'), text(' '), text('b')]
    const messages: ChatMessage[] = [
      { role: 'system', content: [text('')] },
      { role: 'user', content },
      { role: 'assistant', content: [text('')] },
      user('c'),
    ]
    expect(write({ messages })).toEqual({
      contents: [{ role: 'user', parts: [{ text: 'a' }, { text: ' ' }, { text: 'b' }, { text: 'c' }] }],
    })
    const signature = { type: 'reasoning' as const, text: '', signature: 'c2ln', format: 'google-gemini-v1' as const }
    const answer = { role: 'assistant' as const, content: [signature, text('')] }
    expect(write({ messages: [user('1'), answer] })['contents'][1].parts).toEqual([
      { text: '', thoughtSignature: 'c2ln' },
    ])
  })

  it.each([
    ['{"a":1}', { a: 1 }],
    ['{"a": 1}', { output: '{"a": 1}' }],
    ['{"n":12345678901234567890}', { output: '{"n":12345678901234567890}' }],
    ['{"output":"x"}', { output: '{"output":"x"}' }],
    ['{"a":{"$ref":"#/$defs/a"}}', { output: '{"a":{"$ref":"#/$defs/a"}}' }],
    ['{"a":"\\"$ref\\":"}', { a: '"$ref":' }],
    ['plain', { output: 'plain' }],
  ])('give the result %s as %j', (words, response) => {
    const messages: ChatMessage[] = [
      user('1'),
      { role: 'assistant', content: [call('a')] },
      { role: 'tool', toolCallId: 'a', content: [text(words)] },
    ]
    expect(write({ messages })['contents'][2].parts[0].functionResponse.response).toEqual(response)
  })

  it('give a result to the nearest call of its id, for some servers count anew in each answer', () => {
    const result: ChatMessage = { role: 'tool', toolCallId: 'call_0', content: [text('r')] }
    const body = write({
      messages: [
        user('1'),
        { role: 'assistant', content: [call('call_0', 'f')] },
        result,
        { role: 'assistant', content: [call('call_0', 'g')] },
        result,
      ],
    })
    const names = [2, 4].map((at) => body['contents'][at].parts[0].functionResponse.name as string)
    expect(names).toEqual(['f', 'g'])
    expect(checkContent(body, 'gemini-2.5-pro')).toBeUndefined()
  })

  it.each(['{"a":', '[1]'])('keep the arguments of a call that are no object, as %s', (words) => {
    const messages: ChatMessage[] = [user('1'), { role: 'assistant', content: [call('a', 'f', words)] }]
    expect(write({ messages })['contents'][1].parts[0].functionCall.args).toEqual({ arguments: words })
  })

  it('carry media in every form Gemini has, and the names of files', () => {
    const { contents } = write({
      messages: [
        {
          role: 'user',
          content: [
            { type: 'audio', data: 'QQ==', format: 'mp3' },
            { type: 'file', source: { type: 'text', mediaType: 'text/plain', text: 'A' }, filename: 'a.txt' },
            { type: 'file', source: { type: 'file-id', id: 'files/abc' } },
            { type: 'file', source: { type: 'url', url: 'https://a.example/x' }, filename: 'x.pdf' },
          ],
        },
      ],
    })
    expect(contents[0].parts).toEqual([
      { inlineData: { mimeType: 'audio/mp3', data: 'QQ==' } },
      { text: 'a.txt:' },
      { inlineData: { mimeType: 'text/plain', data: 'QQ==' } },
      { fileData: { fileUri: 'https://generativelanguage.googleapis.com/v1beta/files/abc' } },
      { text: 'x.pdf:' },
      { fileData: { fileUri: 'https://a.example/x', mimeType: 'application/pdf' } },
    ])
  })

  it.each(['gemini-2.5-pro', 'gemini-3-flash-preview'])('tell with a result what its files are called: %s', (model) => {
    const source = { type: 'base64' as const, mediaType: 'application/pdf', data: 'QQ==' }
    const content = [text('Found:'), { type: 'file' as const, source, filename: 'x.pdf' }]
    const { contents } = write({
      model,
      messages: [user('1'), { role: 'assistant', content: [call('a')] }, { role: 'tool', toolCallId: 'a', content }],
    })
    expect(contents[2].parts[0].functionResponse.response).toEqual({ output: 'Found:\nx.pdf:' })
    // As words of the user's it would begin a turn of theirs.
    expect(contents[2].parts.filter((part: Json) => 'text' in part)).toEqual([])
  })

  it('keep no reasoning of other vendors, nor what they noted on parts', () => {
    const content = [
      { type: 'reasoning' as const, text: 'x', signature: 's', format: 'anthropic-claude-v1' as const },
      { type: 'reasoning' as const, text: 'y' },
      { ...text('z'), extra: { citations: [] } },
    ]
    const { contents } = write({ messages: [user('1'), { role: 'assistant', content }, user('2')] })
    expect(contents[1]).toEqual({ role: 'model', parts: [{ text: 'z' }] })
  })
})

describe('what a model has drawn', () => {
  const model = 'gemini-3.1-flash-image'
  const inlineData = { mimeType: 'image/png', data: 'iVBORw0KGgo=' }
  const drawing = () => ({ inlineData, thoughtSignature: issue() })
  const message = (parts: Json[]) => ({ candidates: [{ content: { parts, role: 'model' }, finishReason: 'STOP' }] })
  const told = (parts: Json[]) => fold(geminiGenerateContent().answer?.(message(parts)) ?? [])
  const contentsOf = (chat: ChatRequest, asked = model): Json[] => {
    const body = geminiGenerateContent().request({ ...chat, model: asked }) as Json
    expect(checkContent(body, asked)).toBeUndefined()
    return body['contents'] as Json[]
  }
  const asked = { model, includeUsage: true }

  it('comes back signed, by a client of Gemini', () => {
    const parts = [{ text: 'A cat' }, drawing()]
    const [candidate] = (geminiProtocol.encode(told(parts), asked) as Json)['candidates'] as Json[]
    expect(candidate?.['content'].parts).toEqual(parts)
    const answer = { role: 'model', parts: [{ inlineData, thought: true }, ...parts] }
    const contents = [{ parts: [{ text: 'Draw' }] }, answer, { parts: [{ text: 'In blue' }] }]
    expect(contentsOf(geminiProtocol.decode({ model, contents }))[1]?.['parts']).toEqual([
      { text: 'A cat', thoughtSignature: 'skip_thought_signature_validator' },
      parts[1],
    ])
  })

  it('comes back signed, by a client of Chat Completions that sends a message as it came', () => {
    const part = drawing()
    const { choices } = openaiChatProtocol.encode(told([part]), asked) as { choices: [Json] }
    const said = (content: string) => ({ role: 'user', content })
    const messages = [said('Draw'), choices[0]['message'], said('In blue')]
    const chat = openaiChatProtocol.decode({ model, messages })
    expect(contentsOf(chat)[1]?.['parts']).toEqual([part])
    expect(JSON.stringify(contentsOf(chat, 'gemini-3.1-pro-preview'))).not.toContain('inlineData')
  })

  it('comes back, by a client of Responses', () => {
    const { output } = openaiResponsesProtocol.encode(told([drawing()]), asked) as { output: Json[] }
    const said = (content: string) => ({ role: 'user', content })
    const chat = openaiResponsesProtocol.decode({ model, input: [said('Draw'), ...output, said('In blue')] })
    expect(contentsOf(chat)[1]?.['parts']).toEqual([
      { inlineData, thoughtSignature: 'skip_thought_signature_validator' },
    ])
    expect(JSON.stringify(anthropicMessages().request(chat))).toContain('[image_generation_call]')
  })
})

describe('signatures', () => {
  const google = 'google-gemini-v1' as const
  const signed = (id?: string) => ({
    type: 'reasoning' as const,
    text: '',
    signature: issue('c2ln'),
    format: google,
    ...(id && { id }),
  })
  const thought = (id?: string) => ({ ...signed(id), text: 'Hm.' })
  const parts = (content: Extract<ChatMessage, { role: 'assistant' }>['content'], model = 'gemini-3-flash-preview') =>
    write({ model, messages: [user('1'), { role: 'assistant', content }] })['contents'][1].parts as Json[]

  it.each([
    ['on the call of its id', [signed('b'), call('a'), call('b')], ['skip_thought_signature_validator', 'c2ln']],
    ['on the first call, where ids were changed', [signed('x'), call('a'), call('b')], ['c2ln', undefined]],
    ['on the text, where it has no id', [signed(), text('t'), call('a')], ['c2ln', 'skip_thought_signature_validator']],
    ['on a part of its own, where there is nothing else', [signed()], ['c2ln']],
    [
      'on a call, where the client made one of it and a thought',
      [thought('x'), text('t'), call('a')],
      [undefined, undefined, 'c2ln'],
    ],
    ['on a thought that has one', [thought(), call('a')], ['c2ln', 'skip_thought_signature_validator']],
  ])('are %s', (_name, content, signatures) => {
    expect(parts(content).map((part) => part['thoughtSignature'] as unknown)).toEqual(signatures)
  })

  it('are read where OpenRouter and Google’s own OpenAI endpoint put them', () => {
    const encrypted = { type: 'reasoning' as const, text: '', encrypted: 'ZW5j', id: 'a', format: google }
    expect(parts([encrypted, call('a')])[0]).toMatchObject({ thoughtSignature: 'ZW5j' })
    const extra = { extra_content: { google: { thought_signature: 'Z29v' } } }
    expect(parts([{ ...call('a'), extra }])[0]).toEqual({
      functionCall: { id: 'a', name: 'f', args: {} },
      thoughtSignature: 'Z29v',
    })
  })

  it('are said to be missing in the current turn alone, and of models that ask for them', () => {
    const history: ChatMessage[] = [
      user('1'),
      { role: 'assistant', content: [call('a')] },
      { role: 'tool', toolCallId: 'a', content: [text('r')] },
      { role: 'assistant', content: [text('done')] },
      user('2'),
      { role: 'assistant', content: [call('b'), call('c')] },
      { role: 'tool', toolCallId: 'b', content: [text('r')] },
      { role: 'tool', toolCallId: 'c', content: [text('r')] },
    ]
    const body = write({ model: 'gemini-3-flash-preview', messages: history })
    const found = JSON.stringify(body).match(/skip_thought_signature_validator/g)
    expect(found).toHaveLength(1)
    expect(body['contents'][5].parts[0].thoughtSignature).toBeDefined()
    expect(checkContent(body, 'gemini-3-flash-preview')).toBeUndefined()
    expect(JSON.stringify(write({ messages: history }))).not.toContain('thoughtSignature')
  })
})

describe('tools', () => {
  const f = { type: 'function' as const, name: 'f', parameters: { type: 'object', properties: {} } }
  const g = { type: 'function' as const, name: 'g' }

  it('are declared in one, with those of Gemini’s own', () => {
    const own = { type: 'provider' as const, tool: { googleSearch: {} }, protocol: 'gemini' }
    expect(write({ tools: [f, own, g] })['tools']).toEqual([
      { functionDeclarations: [{ name: 'f', parametersJsonSchema: f.parameters }, { name: 'g' }] },
      { googleSearch: {} },
    ])
  })

  it.each([['object', 'null'], 'null', undefined])('have one object at the root, where it says %j', (type) => {
    const properties = { a: { type: 'string' } }
    const { tools } = write({ tools: [{ ...f, parameters: { type, properties } }] })
    expect(tools[0].functionDeclarations[0].parametersJsonSchema).toEqual({ type: 'object', properties })
  })

  it('may be some of them', () => {
    const some = write({ tools: [f, g], toolChoice: { type: 'allowed', mode: 'auto', names: ['g'] } })
    expect(some['tools'][0].functionDeclarations).toEqual([{ name: 'g' }])
    expect(some['toolConfig']).toEqual({ functionCallingConfig: { mode: 'AUTO' } })
    const must = write({ tools: [f, g], toolChoice: { type: 'allowed', mode: 'required', names: ['f', 'g'] } })
    expect(must['toolConfig'].functionCallingConfig).toEqual({ mode: 'ANY', allowedFunctionNames: ['f', 'g'] })
  })

  it('that take free text are functions of one argument', () => {
    const custom = {
      type: 'custom' as const,
      name: 'patch',
      format: { type: 'grammar', syntax: 'lark', definition: 'x' },
    }
    const { tools, contents } = write({
      tools: [custom],
      messages: [user('1'), { role: 'assistant', content: [{ ...call('a', 'patch', '*** x'), kind: 'custom' }] }],
    })
    const [declared] = tools[0].functionDeclarations as Json[]
    expect(declared?.['parametersJsonSchema']).toMatchObject({
      required: ['input'],
      properties: { input: { type: 'string' } },
    })
    expect(JSON.stringify(declared)).toContain('lark')
    expect(contents[1].parts[0].functionCall.args).toEqual({ input: '*** x' })
  })
})

describe('what Gemini cannot do', () => {
  it.each<[string, Partial<ChatRequest>, string]>([
    ['logit_bias', { logitBias: { 1: 1 } }, 'logit_bias'],
    [
      'a tool of another provider',
      { tools: [{ type: 'provider', tool: { type: 'web_search' }, protocol: 'openai-responses' }] },
      'tools[0]',
    ],
    ['a field it does not have', { extra: { web_search_options: {} } }, 'web_search_options'],
    [
      'a file of another provider',
      { messages: [{ role: 'user', content: [{ type: 'file', source: { type: 'file-id', id: 'file-1' } }] }] },
      'messages[0].content[0]',
    ],
    [
      'the result of no call',
      { messages: [{ role: 'tool', toolCallId: 'a', content: [] }] },
      'messages[0].tool_call_id',
    ],
  ])('%s is a 400 that names it', (_name, fields, param) => {
    expect(() => write(fields)).toThrow(expect.objectContaining({ status: 400, param }) as Error)
  })

  it('is left out where it is a hint, and sent where it is Gemini’s own', () => {
    const extra = {
      stream_options: {},
      safety_identifier: 'x',
      safetySettings: [],
      generationConfig: { mediaResolution: 'X' },
    }
    expect(write({ extra, user: 'u', topK: 3, parallelToolCalls: false })).toMatchObject({
      safetySettings: [],
      generationConfig: { topK: 3, mediaResolution: 'X' },
    })
  })
})

/** Google's parsers take both (protobuf.dev/programming-guides/json, "Field names"), and clients of curl write either. */
describe('fields by the names of the proto', () => {
  const asked = geminiProtocol.decode({
    model: 'gemini-3.1-pro-preview',
    system_instruction: { parts: [{ text: 'Be kind.' }] },
    contents: [
      {
        role: 'user',
        parts: [
          {
            inline_data: { mime_type: 'video/mp4', data: 'QUJD' },
            video_metadata: { fps: 5 },
            media_resolution: { level: 'MEDIA_RESOLUTION_LOW' },
          },
        ],
      },
      { role: 'model', parts: [{ executable_code: { language: 'PYTHON', code: '1' } }] },
      { role: 'user', parts: [{ text: 'Go on' }] },
    ],
    safety_settings: [{ category: 'HARM_CATEGORY_HARASSMENT', threshold: 'BLOCK_NONE' }],
    tools: [{ google_search: {} }],
    tool_config: { include_server_side_tool_invocations: true },
    generation_config: {
      response_modalities: ['TEXT'],
      thinking_config: { thinking_budget: 2048, include_thoughts: true },
    },
  })

  it('are what they are in camelCase, where byok writes the request anew', () => {
    expect(geminiGenerateContent({ format: 'gemini-code-assist' }).request(asked)).toEqual({
      systemInstruction: { parts: [{ text: 'Be kind.' }] },
      contents: [
        {
          role: 'user',
          parts: [
            {
              inlineData: { mimeType: 'video/mp4', data: 'QUJD' },
              videoMetadata: { fps: 5 },
              mediaResolution: { level: 'MEDIA_RESOLUTION_LOW' },
            },
          ],
        },
        { role: 'model', parts: [{ executableCode: { language: 'PYTHON', code: '1' } }] },
        { role: 'user', parts: [{ text: 'Go on' }] },
      ],
      safetySettings: [{ category: 'HARM_CATEGORY_HARASSMENT', threshold: 'BLOCK_NONE' }],
      tools: [{ googleSearch: {} }],
      toolConfig: { includeServerSideToolInvocations: true },
      generationConfig: {
        responseModalities: ['TEXT'],
        thinkingConfig: { thinkingBudget: 2048, includeThoughts: true },
      },
    })
    expect(asked.reasoning).toEqual({ budgetTokens: 2048, summary: 'auto' })
  })

  // `ThinkingLevel` of @google/genai 3.3.
  it('reach Gemini where they are the highest level there is', () => {
    const thinkingConfig = { thinkingLevel: 'XHIGH', includeThoughts: true }
    const asked = geminiProtocol.decode({
      model: 'gemini-4-argon',
      contents: 'Hi',
      generationConfig: { thinkingConfig },
    })
    expect(asked.reasoning).toEqual({ effort: 'xhigh', summary: 'auto' })
    expect(geminiGenerateContent().request(asked)['generationConfig']).toEqual({ thinkingConfig })
    const { protocol: _, ...others } = asked
    expect(geminiGenerateContent().request(others)['generationConfig']).toMatchObject({
      thinkingConfig: { thinkingLevel: 'HIGH' },
    })
  })

  it.each([
    [{ cached_content: 'cachedContents/1' }, 'cachedContent'],
    [{ continuation_token: 'QUJD' }, 'continuationToken'],
    [{ generation_config: { response_modalities: ['IMAGE'] } }, 'responseModalities'],
  ])('are refused where another vendor cannot do without: %j', (fields, param) => {
    const chat = geminiProtocol.decode({ model: 'm', contents: 'Hi', ...fields })
    expect(() => withoutForeignExtra(chat, ['anthropic-messages'], 'Claude')).toThrow(
      expect.objectContaining({ status: 400, param }) as Error,
    )
  })
})
