import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ChatEvent } from '../../../../src/core/chat/index.ts'
import {
  anthropicMessages,
  anthropicMessagesProtocol,
} from '../../../../src/core/protocols/anthropic-messages/index.ts'
import { decodeBytes, encodeEvents, encodeWhole, fold } from './support.ts'

const runs = { numRuns: 50 }
const plain = <T>(value: T): unknown => JSON.parse(JSON.stringify(value))
const option = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined })
const several = <T>(part: fc.Arbitrary<T>) => fc.array(part, { minLength: 1, maxLength: 3 })
/** Anthropic refuses text that is only white space. */
const text = fc.string({ unit: 'grapheme', minLength: 1 }).filter((words) => words.trim() !== '')
const word = fc.stringMatching(/^[a-z_]{1,12}$/)
const base64 = fc.base64String({ minLength: 4 })
const json = fc.dictionary(word, fc.jsonValue(), { noNullPrototype: true })
const number = fc.double({ min: 0, max: 1, noNaN: true }).map((value) => value + 0)

const cache_control = option(fc.constantFrom({ type: 'ephemeral' as const }, { type: 'ephemeral' as const, ttl: '1h' }))
const block = <T extends string, F extends object>(type: T, fields: { [K in keyof F]: fc.Arbitrary<F[K]> }) =>
  fc.record({ type: fc.constant(type), ...fields })
const textBlock = block('text', { text, cache_control })
const source = (media: string) =>
  fc.oneof(
    fc.record({ type: fc.constant('base64'), media_type: fc.constant(media), data: base64 }),
    fc.record({ type: fc.constant('url'), url: fc.webUrl() }),
    fc.record({ type: fc.constant('file'), file_id: word }),
  )
const image = block('image', { source: source('image/png'), cache_control })
const document = block('document', {
  source: fc.oneof(
    source('application/pdf'),
    fc.record({ type: fc.constant('text'), media_type: fc.constant('text/plain'), data: text }),
  ),
  title: option(text),
  context: option(text),
  citations: option(fc.constant({ enabled: true })),
  cache_control,
})
/** Blocks for which the neutral model has no part. */
const search = block('search_result', {
  source: fc.webUrl(),
  title: text,
  content: several(fc.record({ type: fc.constant('text'), text })),
  cache_control,
})
const thinking = fc.oneof(
  block('thinking', { thinking: text, signature: base64 }),
  block('redacted_thinking', { data: base64 }),
)
const toolUse = block('tool_use', { id: fc.uuid(), name: word, input: json, cache_control })
const serverToolUse = block('server_tool_use', { id: word, name: fc.constant('web_search'), input: json })
const toolResult = block('tool_result', {
  tool_use_id: fc.uuid(),
  content: several(fc.oneof(textBlock, image, document, search)),
  is_error: option(fc.boolean()),
  cache_control,
})

/** A user's turn and the answer to it. */
const turns = fc
  .tuple(
    fc.array(toolResult, { maxLength: 2 }),
    several(fc.oneof(textBlock, image, document, search)),
    fc.array(thinking, { maxLength: 2 }),
    several(fc.oneof(textBlock, serverToolUse)),
    fc.array(toolUse, { maxLength: 2 }),
  )
  .map(([results, said, thoughts, words, calls]) => [
    { role: 'user', content: [...results, ...said] },
    { role: 'assistant', content: [...thoughts, ...words, ...calls] },
  ])

const tool = fc.oneof(
  fc.record({
    name: word,
    description: option(text),
    input_schema: fc.constant({ type: 'object', properties: { a: { type: 'string' } } }),
    cache_control,
    eager_input_streaming: option(fc.boolean()),
  }),
  fc.record({
    type: fc.constant('web_search_20250305'),
    name: fc.constant('web_search'),
    max_uses: option(fc.nat()),
  }),
)

const body = fc
  .record({
    model: fc.constant('claude-sonnet-4-5'),
    max_tokens: fc.integer({ min: 2048, max: 60_000 }),
    system: option(several(textBlock)),
    messages: several(turns).map((several) => [
      ...several.flat(),
      { role: 'user', content: [{ type: 'text', text: 'Go on' }] },
    ]),
    stream: option(fc.constant(true)),
    tools: fc.uniqueArray(tool, { minLength: 1, maxLength: 3, selector: ({ name }) => name }),
    tool_choice: option(
      fc.oneof(
        fc.record({ type: fc.constantFrom('auto', 'any'), disable_parallel_tool_use: option(fc.constant(true)) }),
        fc.record({ type: fc.constant('tool'), name: word }),
        fc.record({ type: fc.constant('none') }),
      ),
    ),
    thinking: option(
      fc.oneof(
        fc.record({ type: fc.constant('enabled'), budget_tokens: fc.integer({ min: 1024, max: 2000 }) }),
        fc.record({ type: fc.constant('disabled') }),
      ),
    ),
    stop_sequences: option(several(text)),
    temperature: option(number),
    top_p: option(number),
    top_k: option(fc.nat()),
    metadata: option(fc.record({ user_id: text })),
    service_tier: option(fc.constantFrom('auto', 'standard_only')),
    container: option(word),
    context_management: option(fc.constant({ edits: [{ type: 'clear_tool_uses_20250919' }] })),
    mcp_servers: option(fc.constant([{ type: 'url', url: 'https://a.example', name: 'a' }])),
  })
  // A forced call and thinking exclude each other.
  .map((fields) => (fields.thinking?.type === 'enabled' ? { ...fields, tool_choice: undefined } : fields))

/** As JSON, each result's one text as a block, which says the same. */
function inBlocks(body: unknown): unknown {
  return JSON.parse(JSON.stringify(body), (_, value: Record<string, unknown> | null | undefined) =>
    value?.['type'] === 'tool_result' && typeof value['content'] === 'string'
      ? { ...value, content: [{ type: 'text', text: value['content'] }] }
      : value,
  )
}

describe('a request of Anthropic’s', () => {
  it('is the same when it has been through the neutral model', () => {
    fc.assert(
      fc.property(body, (given) => {
        const asked = plain(given)
        expect(inBlocks(anthropicMessages().request(anthropicMessagesProtocol.decode(asked)))).toEqual(asked)
      }),
      runs,
    )
  })
})

const events: fc.Arbitrary<ChatEvent[]> = fc
  .record({
    reasoning: fc.array(
      fc.oneof(
        fc.record({ words: several(text), signature: base64 }),
        fc.record({ words: fc.constant([]), encrypted: base64 }),
      ),
      { maxLength: 2 },
    ),
    words: fc.array(text, { maxLength: 4 }),
    calls: fc.array(fc.record({ id: fc.uuid(), name: word, input: json }), { maxLength: 3 }),
    end: fc.constantFrom<ChatEvent>(
      { type: 'finish', reason: 'stop', native: 'end_turn' },
      { type: 'finish', reason: 'stop', native: 'stop_sequence', stopSequence: 'END' },
      { type: 'finish', reason: 'length', native: 'max_tokens' },
      { type: 'finish', reason: 'refusal', native: 'refusal' },
      { type: 'finish', reason: 'pause', native: 'pause_turn' },
    ),
    usage: fc.record({ fresh: fc.nat(), output: fc.nat(), cachedInput: fc.nat(), cacheWrite: fc.nat() }),
  })
  .map(({ reasoning, words, calls, end, usage: { fresh, ...counts } }): ChatEvent[] => [
    { type: 'start', id: 'msg_1', model: 'm' },
    ...reasoning.flatMap(({ words, ...proof }, index): ChatEvent[] => [
      ...words.map((delta): ChatEvent => ({
        type: 'reasoning',
        index,
        text: delta,
        format: 'anthropic-claude-v1',
      })),
      { type: 'reasoning', index, text: '', ...proof, format: 'anthropic-claude-v1' },
    ]),
    ...words.map((delta): ChatEvent => ({ type: 'text', text: delta })),
    ...calls.flatMap(({ id, name, input }, index): ChatEvent[] => {
      const whole = JSON.stringify(input)
      return [
        { type: 'tool-call', index, id, name, kind: 'function' },
        { type: 'tool-call-delta', index, arguments: whole.slice(0, 3) },
        ...(whole.length > 3
          ? [{ type: 'tool-call-delta', index, arguments: whole.slice(3) } satisfies ChatEvent]
          : []),
      ]
    }),
    end,
    { type: 'usage', usage: { ...counts, input: fresh + counts.cachedInput + counts.cacheWrite } },
  ])

describe('an answer', () => {
  it('is the same after Anthropic’s stream and back', () => {
    fc.assert(
      fc.property(
        events,
        (given) => void expect(fold(decodeBytes(Buffer.from(encodeEvents(given))))).toEqual(fold(given)),
      ),
      runs,
    )
  })

  it('is the same after Anthropic’s message and back', () => {
    fc.assert(
      fc.property(events, (given) => {
        const message = plain(encodeWhole(given))
        expect(fold(anthropicMessages().answer?.(message) ?? [])).toEqual(fold(given))
      }),
      runs,
    )
  })
})
