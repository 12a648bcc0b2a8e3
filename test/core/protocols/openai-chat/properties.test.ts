import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AssistantPart, ChatEvent, ChatMessage, ChatRequest } from '../../../../src/core/chat/index.ts'
import { openaiChat, openaiChatProtocol } from '../../../../src/core/protocols/openai-chat/index.ts'
import { decodeBytes, encodeEvents, fold } from './support.ts'

/** A stream with all there is: reasoning, text, two calls at once, a refusal, log probabilities, usage; in many bytes. */
const EVENTS: ChatEvent[] = [
  { type: 'start', id: 'chatcmpl-1', model: 'm', created: 5, extra: { system_fingerprint: 'fp' } },
  { type: 'reasoning', index: 0, text: 'Überlegung 🤔', format: 'anthropic-claude-v1' },
  { type: 'reasoning', index: 0, text: '', signature: 'sig==', format: 'anthropic-claude-v1' },
  { type: 'text', text: 'Grüße, 世界 👩‍👩‍👧‍👦\r\n' },
  { type: 'tool-call', index: 0, id: 'a', name: 'f', kind: 'function' },
  { type: 'tool-call-delta', index: 0, arguments: '{"stadt":"Köln' },
  { type: 'tool-call', index: 1, id: 'b', name: 'g', kind: 'custom' },
  { type: 'tool-call-delta', index: 1, arguments: 'data: [DONE]\n\n' },
  { type: 'tool-call-delta', index: 0, arguments: '"}' },
  { type: 'text', text: 'zwei', choice: 1, logprobs: { content: [{ token: 'zwei', logprob: -1 }], refusal: null } },
  { type: 'finish', reason: 'stop', native: 'stop', choice: 1 },
  { type: 'finish', reason: 'tool_calls', native: 'tool_calls' },
  { type: 'usage', usage: { input: 5, output: 3, cachedInput: 2, reasoning: 1 } },
]

describe('bytes cut anywhere', () => {
  for (const [name, ending] of [
    ['LF', '\n'],
    ['CRLF', '\r\n'],
  ] as const) {
    const bytes = Buffer.from(encodeEvents(EVENTS).replaceAll('\n', ending))
    const whole = decodeBytes(bytes)

    it(`give the same events, cut once at every position (${name})`, () => {
      expect(whole).toHaveLength(EVENTS.length)
      for (let at = 1; at < bytes.byteLength; at++) expect(decodeBytes(bytes, [at])).toEqual(whole)
    })

    it(`give the same events, one byte at a time and cut at random (${name})`, () => {
      expect(decodeBytes(bytes, [...bytes.keys()])).toEqual(whole)
      const cuts = fc.array(fc.integer({ min: 1, max: bytes.byteLength - 1 }), { maxLength: 40 })
      fc.assert(fc.property(cuts, (places) => void expect(decodeBytes(bytes, places)).toEqual(whole)))
    })
  }

  it('that end early never give a finish', () => {
    const bytes = Buffer.from(encodeEvents(EVENTS))
    const finish = bytes.indexOf('"finish_reason":"')
    for (let end = 1; end <= finish; end++) {
      // What was cut in the middle of an event is no JSON, and is refused; what was cut between two has no end.
      let events: ChatEvent[] = []
      try {
        events = decodeBytes(bytes.subarray(0, end))
      } catch (error) {
        expect(error).toMatchObject({ code: 'upstream_bad_answer' })
      }
      expect(events.some(({ type }) => type === 'finish')).toBe(false)
    }
  })
})

const text = fc.string({ unit: 'grapheme', minLength: 1 })
const word = fc.stringMatching(/^[a-z_]{1,12}$/)
const option = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined })
const format = fc.constantFrom('anthropic-claude-v1', 'openai-responses-v1', 'google-gemini-v1', 'unknown')

/** Events of one whole choice, in an order a model may write them. */
const choiceEvents: fc.Arbitrary<ChatEvent[]> = fc
  .record({
    reasoning: fc.array(
      fc.record({
        text: fc.array(text, { minLength: 1, maxLength: 3 }),
        signature: text,
        encrypted: option(text),
        format,
      }),
      { maxLength: 3 },
    ),
    text: fc.array(text, { maxLength: 5 }),
    refusal: fc.array(text, { maxLength: 2 }),
    calls: fc.array(
      fc.record({ id: fc.uuid(), name: word, kind: fc.constantFrom('function', 'custom'), fragments: fc.array(text) }),
      { maxLength: 3 },
    ),
    reason: fc.constantFrom('length', 'content_filter'),
    stopSequence: option(text),
  })
  .map(({ reasoning, text, refusal, calls, reason, stopSequence }): ChatEvent[] => [
    ...reasoning.flatMap((part, index): ChatEvent[] => [
      ...part.text.map((delta): ChatEvent => ({ type: 'reasoning', index, text: delta, format: part.format })),
      { type: 'reasoning', index, text: '', signature: part.signature, format: part.format },
      ...(part.encrypted === undefined
        ? []
        : [{ type: 'reasoning', index, text: '', encrypted: part.encrypted, format: part.format } as const]),
    ]),
    ...text.map((delta): ChatEvent => ({ type: 'text', text: delta })),
    ...refusal.map((delta): ChatEvent => ({ type: 'refusal', text: delta })),
    ...calls.flatMap(({ id, name, kind, fragments }, index): ChatEvent[] => [
      { type: 'tool-call', index, id, name, kind },
      ...fragments.map((fragment): ChatEvent => ({ type: 'tool-call-delta', index, arguments: fragment })),
    ]),
    { type: 'finish', reason, native: reason, ...(stopSequence !== undefined && { stopSequence }) },
  ])

const answerEvents = fc
  .record({
    choices: fc.array(choiceEvents, { minLength: 1, maxLength: 3 }),
    usage: fc.record({
      input: fc.nat(),
      output: fc.nat(),
      cachedInput: fc.nat(),
      reasoning: fc.nat(),
      cacheWrite: fc.nat(),
    }),
  })
  .map(({ choices, usage }): ChatEvent[] => [
    { type: 'start', id: 'chatcmpl-1', model: 'm', created: 5, extra: { service_tier: 'default' } },
    ...choices.flatMap((events, choice) => events.map((event) => (choice === 0 ? event : { ...event, choice }))),
    { type: 'usage', usage },
  ])

describe('an answer', () => {
  it('is the same after the stream and back', () => {
    fc.assert(
      fc.property(answerEvents, (events) => {
        const back = decodeBytes(Buffer.from(encodeEvents(events)))
        expect(fold(back)).toEqual(fold(events))
      }),
    )
  })

  it('is the same after the whole body and back', () => {
    fc.assert(
      fc.property(answerEvents, (events) => {
        const body = JSON.stringify(openaiChatProtocol.encode(fold(events), { model: 'm', includeUsage: true }))
        expect(fold(openaiChat().answer?.(JSON.parse(body)) ?? [])).toEqual(fold(events))
      }),
    )
  })

  it('says the same streamed and whole when it is sent back', () => {
    fc.assert(
      fc.property(choiceEvents, (events) => {
        const { choices } = openaiChatProtocol.encode(fold(events), { model: 'm', includeUsage: true }) as {
          choices: [{ message: object }]
        }
        const request = openaiChatProtocol.decode({ model: 'm', messages: [choices[0].message] })
        expect(request.messages).toEqual([{ role: 'assistant', content: fold(events).choices[0]?.content }])
      }),
    )
  })
})

const base = {
  cacheControl: option(fc.constantFrom({ type: 'ephemeral' as const }, { type: 'ephemeral' as const, ttl: '1h' })),
  extra: option(fc.record({ x_unknown: fc.jsonValue().filter((value) => value !== null) })),
}
const base64 = fc.base64String({ minLength: 4 })
const textPart = fc.record({ type: fc.constant('text' as const), text, ...base })
const imagePart = fc.record({
  type: fc.constant('image' as const),
  source: fc.oneof(
    fc.record({
      type: fc.constant('base64' as const),
      mediaType: fc.constantFrom('image/png', 'image/webp'),
      data: base64,
    }),
    fc.record({ type: fc.constant('url' as const), url: fc.webUrl() }),
  ),
  detail: option(fc.constantFrom('low', 'high', 'auto')),
  ...base,
})
const filePart = fc.oneof(
  fc.record({
    type: fc.constant('file' as const),
    source: fc.record({
      type: fc.constant('base64' as const),
      mediaType: fc.constant('application/pdf'),
      data: base64,
    }),
    // Data that has none is given one.
    filename: word,
    ...base,
  }),
  fc.record({
    type: fc.constant('file' as const),
    source: fc.oneof(
      fc.record({ type: fc.constant('url' as const), url: fc.webUrl() }),
      fc.record({ type: fc.constant('file-id' as const), id: word }),
    ),
    filename: option(word),
    ...base,
  }),
)
const audioPart = fc.record({
  type: fc.constant('audio' as const),
  data: base64,
  format: fc.constantFrom('wav', 'mp3'),
  ...base,
})
const toolCall = fc.record({
  type: fc.constant('tool-call' as const),
  id: fc.uuid(),
  name: word,
  kind: fc.constantFrom('function' as const, 'custom' as const),
  arguments: fc.string(),
  ...base,
})
const reasoningPart = fc.record({
  type: fc.constant('reasoning' as const),
  text,
  signature: text,
  format,
})
const messageBase = { name: option(word), extra: base.extra }
const several = <T>(part: fc.Arbitrary<T>) => fc.array(part, { minLength: 1, maxLength: 3 })

const message: fc.Arbitrary<ChatMessage> = fc.oneof(
  fc.record({
    role: fc.constantFrom('system' as const, 'developer' as const),
    content: several(textPart),
    ...messageBase,
  }),
  fc.record({
    role: fc.constant('user' as const),
    content: several(fc.oneof(textPart, imagePart, filePart, audioPart)),
    ...messageBase,
  }),
  fc.record({
    role: fc.constant('assistant' as const),
    content: fc
      .tuple(
        fc.array(reasoningPart, { maxLength: 2 }),
        fc.array(textPart, { maxLength: 2 }),
        fc.array(toolCall, { maxLength: 2 }),
      )
      .map((parts): AssistantPart[] => parts.flat()),
    ...messageBase,
  }),
  fc.record({
    role: fc.constant('tool' as const),
    toolCallId: fc.uuid(),
    // A breakpoint after the whole of it is written on its last part.
    content: several(fc.oneof(textPart, imagePart, filePart)),
    ...messageBase,
  }),
)

const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0)
const request: fc.Arbitrary<ChatRequest> = fc
  .record({
    model: word,
    messages: several(message),
    tools: option(
      fc.uniqueArray(
        fc.oneof(
          fc.record({
            type: fc.constant('function' as const),
            name: word,
            description: option(text),
            strict: option(fc.boolean()),
            ...base,
          }),
          fc.record({ type: fc.constant('custom' as const), name: word, description: option(text), extra: base.extra }),
        ),
        { minLength: 1, maxLength: 3, selector: (tool) => tool.name },
      ),
    ),
    toolChoice: option(
      fc.oneof(
        fc.record({ type: fc.constant('required' as const) }),
        fc.record({
          type: fc.constant('tool' as const),
          kind: fc.constantFrom('function' as const, 'custom' as const),
          name: word,
        }),
        fc.record({
          type: fc.constant('allowed' as const),
          mode: fc.constantFrom('auto' as const, 'required' as const),
          names: several(word),
        }),
      ),
    ),
    responseFormat: option(
      fc.oneof(
        fc.record({ type: fc.constantFrom('text' as const, 'json_object' as const) }),
        fc.record({
          type: fc.constant('json_schema' as const),
          name: word,
          schema: fc.constant({ type: 'object' }),
          strict: option(fc.boolean()),
        }),
      ),
    ),
    reasoning: option(
      fc.oneof(
        fc.record({ effort: word, summary: option(word) }),
        fc.record({ budgetTokens: fc.nat(), summary: option(word) }),
      ),
    ),
    verbosity: option(word),
    maxCompletionTokens: option(fc.nat()),
    stop: option(several(text)),
    temperature: option(number),
    topP: option(number),
    topK: option(fc.nat()),
    frequencyPenalty: option(number),
    presencePenalty: option(number),
    logitBias: option(fc.dictionary(fc.stringMatching(/^[1-9]\d{0,4}$/), number, { noNullPrototype: true })),
    n: option(fc.nat()),
    logprobs: option(fc.boolean()),
    topLogprobs: option(fc.nat()),
    seed: option(fc.integer()),
    user: option(text),
    metadata: option(fc.constant({ a: 'b' })),
    serviceTier: option(word),
    promptCacheKey: option(text),
    store: option(fc.boolean()),
    extra: base.extra,
  })
  .map((fields) => ({ ...fields, stream: false }))

describe('a request', () => {
  it('is the same after the wire and back, where the server takes everything', () => {
    const translator = openaiChat({
      extensions: ['cache_control', 'top_k', 'file_url', 'tool_media'],
      reasoning: 'reasoning',
      reasoningField: 'reasoning_details',
    })
    fc.assert(
      fc.property(request, (chat) => {
        const body: unknown = JSON.parse(JSON.stringify(translator.request(chat)))
        // JSON has no -0 and no undefined.
        expect(openaiChatProtocol.decode(body)).toEqual(
          JSON.parse(JSON.stringify({ ...chat, protocol: 'openai-chat' })),
        )
      }),
    )
  })
})
