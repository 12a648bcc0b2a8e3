import { describe, expect, it } from 'vitest'
import type { ChatRequest } from '../../../src/core/chat/index.ts'
import { anthropicMessages, anthropicMessagesProtocol } from '../../../src/core/protocols/anthropic-messages/index.ts'
import { geminiGenerateContent, geminiProtocol } from '../../../src/core/protocols/gemini/index.ts'
import { openaiChat, openaiChatProtocol } from '../../../src/core/protocols/openai-chat/index.ts'
import { openaiResponses, openaiResponsesProtocol } from '../../../src/core/protocols/openai-responses/index.ts'
import { translator as kimi } from '../../../src/plugins/kimi/translator.ts'
import { translator as kiro } from '../../../src/plugins/kiro/translator.ts'
import type { Translator } from '../../../src/core/translator/translator.ts'

/** What each client says in words of its own, which no other vendor knows. */
const CLIENTS = {
  'anthropic-messages': () =>
    anthropicMessagesProtocol.decode({
      model: 'm',
      max_tokens: 10,
      thinking: { type: 'enabled', budget_tokens: 4096 },
      context_management: { edits: [] },
      output_config: { effort: 'high' },
      metadata: { user_id: 'u' },
      system: [{ type: 'text', text: 'Be brief', cache_control: { type: 'ephemeral' } }],
      tools: [{ name: 'f', input_schema: { type: 'object' }, eager_input_streaming: true, defer_loading: false }],
      messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi', citations: [] }] }],
    }),
  gemini: () =>
    geminiProtocol.decode({
      model: 'm',
      safetySettings: [{ category: 'HARM_CATEGORY_HARASSMENT', threshold: 'BLOCK_NONE' }],
      labels: { a: 'b' },
      generationConfig: { mediaResolution: 'MEDIA_RESOLUTION_LOW', thinkingConfig: { thinkingBudget: 4096 } },
      tools: [{ functionDeclarations: [{ name: 'f', behavior: 'BLOCKING', parameters: { type: 'OBJECT' } }] }],
      contents: [{ role: 'user', parts: [{ text: 'Hi', videoMetadata: { fps: 1 } }] }],
    }),
  'openai-responses': () =>
    openaiResponsesProtocol.decode({
      model: 'm',
      client_metadata: { a: 'b' },
      include: ['reasoning.encrypted_content'],
      truncation: 'auto',
      input: [{ type: 'message', id: 'msg_1', status: 'completed', role: 'user', content: 'Hi' }],
      tools: [{ type: 'function', name: 'f', parameters: { type: 'object' }, strict: false }],
    }),
  'openai-chat': () =>
    openaiChatProtocol.decode({
      model: 'm',
      safety_identifier: 's',
      prompt_cache_retention: '24h',
      messages: [{ role: 'user', content: 'Hi' }],
    }),
} satisfies Record<string, () => ChatRequest>

const VENDORS: Record<string, Translator> = {
  'anthropic-messages': anthropicMessages(),
  gemini: geminiGenerateContent(),
  'openai-responses': openaiResponses(),
  'openai-chat': openaiChat(),
}

/** With those whose format no client speaks. */
const ALL: Record<string, Translator> = { ...VENDORS, kiro, kimi }

/** Every name of a field, however deep. */
function namesIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(namesIn)
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, inner]) => [name, ...namesIn(inner)])
}

/** Words of one client's own; none may reach another vendor. */
const OWN_WORDS: Record<string, string[]> = {
  'anthropic-messages': [
    'context_management',
    'cache_control',
    'eager_input_streaming',
    'defer_loading',
    'citations',
    'input_schema',
    'budget_tokens',
  ],
  gemini: ['safetySettings', 'labels', 'generationConfig', 'mediaResolution', 'behavior', 'videoMetadata'],
  'openai-responses': ['client_metadata', 'truncation', 'status'],
  'openai-chat': [],
}

const pairs = Object.keys(CLIENTS).flatMap((client) =>
  Object.keys(VENDORS).flatMap((vendor) => (client === vendor ? [] : [[client, vendor] as const])),
)

describe('the words of another protocol', () => {
  it.each(pairs)('of %s do not reach a vendor of %s', (client, vendor) => {
    const chat = CLIENTS[client as keyof typeof CLIENTS]()
    expect(chat.protocol).toBe(client)
    const sent = namesIn(VENDORS[vendor]?.request(chat))
    expect(sent.filter((name) => OWN_WORDS[client]?.includes(name))).toEqual([])
    expect(sent.length).toBeGreaterThan(0)
  })

  it.each(Object.keys(CLIENTS))('of %s reach its own vendor', (client) => {
    const chat = CLIENTS[client as keyof typeof CLIENTS]()
    const sent = namesIn(VENDORS[client]?.request({ ...chat, model: 'gemini-2.5-flash' }))
    const kept = OWN_WORDS[client]?.filter((name) => sent.includes(name)) ?? []
    expect(kept.length).toBeGreaterThanOrEqual(Math.min(2, OWN_WORDS[client]?.length ?? 0))
  })

  it.each([
    ['anthropic-messages', 'openai-chat', { container: 'c' }, 'container'],
    ['anthropic-messages', 'gemini', { mcp_servers: [{}] }, 'mcp_servers'],
    ['gemini', 'anthropic-messages', { cachedContent: 'cachedContents/1' }, 'cachedContent'],
    ['gemini', 'openai-chat', { generationConfig: { responseModalities: ['IMAGE'] } }, 'responseModalities'],
    ['gemini', 'openai-responses', { generationConfig: { responseFormat: [{ image: {} }] } }, 'responseFormat'],
    ['openai-responses', 'anthropic-messages', { previous_response_id: 'resp_1' }, 'previous_response_id'],
    ['openai-responses', 'openai-chat', { background: true }, 'background'],
    ['openai-responses', 'gemini', { moderation: { model: 'omni-moderation-latest' } }, 'moderation'],
    ['openai-chat', 'anthropic-messages', { moderation: { model: 'omni-moderation-latest' } }, 'moderation'],
    ['openai-chat', 'kiro', { moderation: { model: 'omni-moderation-latest' } }, 'moderation'],
    ['openai-chat', 'kiro', { web_search_options: {} }, 'web_search_options'],
    ['openai-chat', 'kiro', { modalities: ['text', 'audio'], audio: { voice: 'ash', format: 'mp3' } }, 'audio'],
  ])('of %s are refused for %s where an answer would be to another question: %j', (client, vendor, extra, param) => {
    const chat = CLIENTS[client as keyof typeof CLIENTS]()
    const asked = { ...chat, extra: { ...chat.extra, ...extra } }
    expect(() => ALL[vendor]?.request(asked)).toThrow(expect.objectContaining({ status: 400, param }))
  })

  // As Claude Code sends it; its hash is another in each request.
  const BILLING = 'x-anthropic-billing-header: cc_version=2.1.331.7b4; cc_entrypoint=cli; cch=eb6c6;'

  it.each([
    ['a block of its own', [BILLING, 'Be brief']],
    ['a line before the prompt', `${BILLING}\nBe brief`],
    ['all there is', [BILLING]],
  ])("of Claude Code for Anthropic's accounting reach nobody else: %s", (_, given) => {
    const system = typeof given === 'string' ? given : given.map((text) => ({ type: 'text', text }))
    const body = { model: 'm', max_tokens: 10, system, messages: [{ role: 'user', content: `Hi ${BILLING}` }] }
    const chat = anthropicMessagesProtocol.decode(body)
    const plain = anthropicMessagesProtocol.decode({
      ...body,
      system: JSON.stringify(given).includes('brief') ? 'Be brief' : undefined,
    })
    for (const [vendor, translator] of Object.entries(VENDORS)) {
      const isTheirs = vendor === 'anthropic-messages'
      expect(translator.request(chat), vendor).toEqual(isTheirs ? expect.anything() : translator.request(plain))
      if (isTheirs) expect(JSON.stringify(translator.request(chat)['system'])).toContain(BILLING)
    }
  })

  it('are refused where they are a part of the conversation', () => {
    const chat = geminiProtocol.decode({
      model: 'm',
      contents: [
        { role: 'user', parts: [{ text: 'Hi' }] },
        { role: 'model', parts: [{ executableCode: { language: 'PYTHON', code: '1' } }] },
        { role: 'user', parts: [{ text: 'And?' }] },
      ],
    })
    expect(() => openaiChat().request(chat)).toThrow(expect.objectContaining({ status: 400, param: 'executableCode' }))
  })
})

// BetaRequestDocumentBlock, BetaContentBlockSource and BetaTool of @anthropic-ai/sdk.
describe("what Claude reads in fields of Anthropic's own", () => {
  const data = 'iVBORw0KGgo='
  const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data } }
  const content = [
    { type: 'document', title: 'notes', context: 'From last week', source: { type: 'text', data: 'Buy milk' } },
    { type: 'document', source: { type: 'content', content: [{ type: 'text', text: 'A cat' }, image] } },
  ]
  const tools = [
    {
      name: 'f',
      description: 'Finds',
      input_schema: { type: 'object' },
      input_examples: [{ q: 'cats' }, { q: 'dogs' }],
    },
    { name: 'g', input_schema: { type: 'object' }, input_examples: [{ q: 'cows' }] },
  ]
  const body = { model: 'm', max_tokens: 10, tools, messages: [{ role: 'user', content }] }
  const others = Object.keys(ALL).filter((vendor) => vendor !== 'anthropic-messages')

  it.each(others)('is told to %s in words, and its images are shown', (vendor) => {
    const sent = JSON.stringify(ALL[vendor]?.request(anthropicMessagesProtocol.decode(body)))
    // As a file, whose bytes are told.
    const milk = ['openai-responses', 'gemini'].includes(vendor) ? 'QnV5IG1pbGs=' : 'Buy milk'
    expect(sent.indexOf('[context of notes: From last week]')).toBeGreaterThan(-1)
    expect(sent.indexOf(milk)).toBeGreaterThan(sent.indexOf('From last week'))
    expect(sent).toContain(data)
    expect(sent).toMatch(/Finds\\n\\nExamples of its input:\\n\{\\"q\\":\\"cats\\"\}\\n\{\\"q\\":\\"dogs\\"\}"/)
    expect(sent).toMatch(/"Examples of its input:\\n\{\\"q\\":\\"cows\\"\}"/)
  })

  it('goes to Claude as it came', () => {
    expect(anthropicMessages().request(anthropicMessagesProtocol.decode(body))).toMatchObject({
      tools,
      messages: [{ role: 'user', content: [{ context: 'From last week' }, { source: { content: [{}, image] } }] }],
    })
  })
})

// openai-node: ChatCompletionAssistantMessageParam.Audio, and ChatCompletionAudio, which an answer has.
describe('an earlier answer in sound', () => {
  const sound = { id: 'audio_1', data: 'UklGRg==', expires_at: 1, transcript: 'Hello there' }
  const others = Object.keys(ALL).filter((vendor) => vendor !== 'openai-chat')
  const asked = (audio: object, content: string | null = null) =>
    openaiChatProtocol.decode({
      model: 'm',
      messages: [
        { role: 'user', content: 'Hi' },
        { role: 'assistant', content, audio },
        { role: 'user', content: 'What did you say?' },
      ],
    })

  it.each(others)('is told to %s in words', (vendor) => {
    const sent = JSON.stringify(ALL[vendor]?.request(asked(sound)))
    expect(sent).toContain('Hello there')
    expect(sent).not.toContain('audio_1')
    expect(JSON.stringify(ALL[vendor]?.request(asked({ id: 'audio_1' }, 'Good day')))).toContain('Good day')
  })

  it.each(others)('is refused for %s where only OpenAI knows it', (vendor) => {
    const refused = { status: 400, param: 'messages[1].audio' }
    expect(() => ALL[vendor]?.request(asked({ id: 'audio_1' }))).toThrow(expect.objectContaining(refused))
  })

  it('goes to servers of the same format as it came', () => {
    expect(openaiChat().request(asked({ id: 'audio_1' }))).toMatchObject({
      messages: [{}, { audio: { id: 'audio_1' } }, {}],
    })
  })
})

describe("another vendor's own tools", () => {
  const messages: ChatRequest['messages'] = [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }]
  const own = { type: 'function', name: 'f' } as const
  const provider = (protocol: string, tool: Record<string, unknown>) => ({ type: 'provider', protocol, tool }) as const
  const OFFERS = {
    'openai-responses': provider('openai-responses', { type: 'web_search', external_web_access: true }),
    'anthropic-messages': provider('anthropic-messages', { type: 'web_search_20250305', name: 'web_search' }),
    gemini: provider('gemini', { googleSearch: {} }),
  }
  const pairs = Object.entries(OFFERS).flatMap(([protocol, offer]) =>
    Object.keys(VENDORS).flatMap((vendor) => (vendor === protocol ? [] : [[protocol, vendor, offer] as const])),
  )

  it.each(pairs)(
    "are left out beside the client's own, where the model may do without: of %s for %s",
    (protocol, vendor, offer) => {
      const request = (more: Partial<ChatRequest>) =>
        VENDORS[vendor]?.request({ protocol, model: 'm', stream: false, messages, tools: [own, offer], ...more })
      const body = request({})
      expect(JSON.stringify(body)).not.toMatch(/search/i)
      expect(JSON.stringify(body)).toMatch(/"name":"f"/)
      const refused = expect.objectContaining({ status: 400, code: 'unsupported_feature' })
      expect(() => request({ tools: [offer] })).toThrow(refused)
      // Forced in its own wire's words.
      expect(() => request({ extra: { tool_choice: { type: 'web_search' } } })).toThrow(refused)
    },
  )

  it('are refused where they hold what the answer is to be made of', () => {
    const files = provider('openai-responses', { type: 'file_search', vector_store_ids: ['vs_1'] })
    const chat = { protocol: 'openai-responses', model: 'm', stream: false, messages, tools: [own, files] }
    expect(() => openaiChat().request(chat)).toThrow(expect.objectContaining({ status: 400, param: 'tools[1]' }))
  })

  it.each(Object.keys(VENDORS))('are named by %s as their own vendor calls them', (vendor) => {
    const refusal = (tool: ReturnType<typeof provider>) => () =>
      VENDORS[vendor]?.request({ protocol: tool.protocol, model: 'm', stream: false, messages, tools: [tool] })
    const named = (name: string) =>
      expect.objectContaining({ message: expect.stringContaining(`\`${name}\``) as string })
    if (vendor !== 'gemini') expect(refusal(provider('gemini', { codeExecution: {} }))).toThrow(named('codeExecution'))
    else expect(refusal(provider('openai-responses', { type: 'file_search' }))).toThrow(named('file_search'))
  })

  it('are sent on to their own vendor', () => {
    const tools = [own, OFFERS['openai-responses']]
    const body = openaiResponses().request({ protocol: 'openai-responses', model: 'm', stream: false, messages, tools })
    expect(body['tools']).toContainEqual({ type: 'web_search', external_web_access: true })
  })
})

describe("what OpenAI's model is shown of a namespace of tools", () => {
  const tools = ['read', 'write'].map((name) => ({ type: 'function', name, description: `To ${name}.` }))
  const namespace = { type: 'namespace', name: 'mcp__fs', description: 'Paths are relative.', tools }
  const body = { model: 'm', input: 'Hi', tools: [namespace] }
  const others = Object.keys(ALL).filter((vendor) => vendor !== 'openai-responses')

  it.each(others)('is told to %s once, with the first of them', (vendor) => {
    const sent = JSON.stringify(ALL[vendor]?.request(openaiResponsesProtocol.decode(body)))
    expect(sent.split('Paths are relative.')).toHaveLength(2)
    expect(sent).toContain('"To read.\\n\\nAll tools of mcp__fs: Paths are relative."')
    expect(sent).toContain('"To write."')
  })

  it('goes to OpenAI as it came', () => {
    expect(openaiResponses().request(openaiResponsesProtocol.decode(body))).toMatchObject({ tools: [namespace] })
  })
})
