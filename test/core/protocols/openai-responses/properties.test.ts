import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ChatEvent } from '../../../../src/core/chat/index.ts'
import { openaiResponses, openaiResponsesProtocol } from '../../../../src/core/protocols/openai-responses/index.ts'
import { answerOf, decodeStream } from './support.ts'

const runs = { numRuns: 50 }
const plain = <T>(value: T): unknown => JSON.parse(JSON.stringify(value))
const option = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined })
const several = <T>(part: fc.Arbitrary<T>) => fc.array(part, { minLength: 1, maxLength: 3 })
const text = fc.string({ unit: 'grapheme', minLength: 1 })
const word = fc.stringMatching(/^[a-z]{1,12}$/)
const base64 = fc.base64String({ minLength: 4 })
const number = fc.double({ min: 0, max: 1, noNaN: true }).map((value) => value + 0)
const status = option(fc.constantFrom('completed', 'incomplete'))
const typed = <T extends string, F extends object>(type: T, fields: { [K in keyof F]: fc.Arbitrary<F[K]> }) =>
  fc.record({ type: fc.constant(type), ...fields })

const inputText = typed('input_text', { text })
const inputImage = fc.oneof(
  typed('input_image', { image_url: fc.webUrl(), detail: fc.constantFrom('auto', 'low', 'high') }),
  typed('input_image', {
    image_url: base64.map((data) => `data:image/png;base64,${data}`),
    detail: fc.constantFrom('auto', 'low', 'high'),
  }),
  typed('input_image', { file_id: word, detail: fc.constant('auto') }),
)
const inputFile = fc.oneof(
  typed('input_file', { filename: word, file_data: base64.map((data) => `data:application/pdf;base64,${data}`) }),
  typed('input_file', { file_id: word }),
  typed('input_file', { file_url: fc.webUrl() }),
)
const inputs = several(fc.oneof(inputText, inputImage, inputFile))

const item = fc.oneof(
  typed('message', {
    id: option(word),
    status,
    role: fc.constantFrom('system', 'developer'),
    content: several(inputText),
  }),
  typed('message', { id: option(word), status, role: fc.constant('user'), content: inputs }),
  typed('message', {
    id: word,
    status,
    phase: option(fc.constantFrom('commentary', 'final_answer')),
    role: fc.constant('assistant'),
    content: several(
      fc.oneof(typed('output_text', { text, annotations: fc.constant([]) }), typed('refusal', { refusal: text })),
    ),
  }),
  typed('function_call', {
    id: option(word),
    status,
    call_id: fc.uuid(),
    namespace: option(word),
    name: word,
    arguments: fc.json(),
  }),
  typed('custom_tool_call', { id: option(word), status, call_id: fc.uuid(), name: word, input: text }),
  typed('function_call_output', { id: option(word), status, call_id: fc.uuid(), output: fc.oneof(text, inputs) }),
  typed('custom_tool_call_output', { id: option(word), call_id: fc.uuid(), output: fc.oneof(text, inputs) }),
  typed('reasoning', {
    id: word.map((id) => `rs_${id}`),
    summary: fc.array(typed('summary_text', { text }), { maxLength: 2 }),
    content: option(several(typed('reasoning_text', { text }))),
    // Without it OpenAI looks for what it stored, and a request that is not to be stored leaves it out.
    encrypted_content: base64,
  }),
  typed('web_search_call', { id: word, status: fc.constant('completed'), action: fc.constant({ type: 'search' }) }),
  typed('compaction', { id: word, encrypted_content: base64 }),
)

const schema = { type: 'object', properties: {}, additionalProperties: false }
const tool = fc.oneof(
  typed('function', {
    name: word,
    description: option(text),
    parameters: fc.constant(schema),
    strict: fc.boolean(),
    defer_loading: option(fc.boolean()),
  }),
  typed('custom', {
    name: word,
    description: option(text),
    format: option(
      fc.oneof(
        fc.constant({ type: 'text' }),
        typed('grammar', { syntax: fc.constantFrom('lark', 'regex'), definition: text }),
      ),
    ),
  }),
  typed('namespace', {
    name: word,
    description: text,
    tools: several(typed('function', { name: word, parameters: fc.constant(schema), strict: fc.boolean() })),
  }),
  typed('web_search', { search_context_size: option(fc.constant('low')), name: fc.constant(undefined) }),
)

const body = fc
  .record({
    model: fc.constantFrom('gpt-5.1', 'gpt-4.1'),
    instructions: option(text),
    input: several(item),
    stream: option(fc.constant(true)),
    store: option(fc.boolean()),
    tools: option(
      fc.uniqueArray(tool, { minLength: 1, maxLength: 3, selector: ({ type, name }) => `${type} ${name}` }),
    ),
    tool_choice: option(
      fc.oneof(
        fc.constantFrom('auto', 'none', 'required'),
        typed('function', { name: word }),
        typed('custom', { name: word }),
        typed('web_search', {}),
      ),
    ),
    parallel_tool_calls: option(fc.boolean()),
    text: option(
      fc.record({
        format: option(
          fc.oneof(
            fc.constantFrom({ type: 'text' }, { type: 'json_object' }),
            typed('json_schema', { name: word, schema: fc.constant(schema), strict: option(fc.boolean()) }),
          ),
        ),
        verbosity: fc.constantFrom('low', 'high'),
      }),
    ),
    reasoning: option(fc.record({ effort: word, summary: option(word) })),
    include: option(fc.constantFrom(['reasoning.encrypted_content'], ['message.output_text.logprobs'])),
    max_output_tokens: option(fc.integer({ min: 16, max: 99_999 })),
    temperature: option(number),
    top_p: option(number),
    top_logprobs: option(fc.nat()),
    metadata: option(fc.constant({ a: 'b' })),
    user: option(text),
    safety_identifier: option(text),
    service_tier: option(word),
    prompt_cache_key: option(text),
    truncation: option(fc.constant('auto')),
    client_metadata: option(fc.constant({ session: 'x' })),
    previous_response_id: option(word),
  })
  // A choice is among tools.
  .map((fields) => (fields.tools ? fields : { ...fields, tool_choice: undefined }))

describe('a request of OpenAI’s Responses', () => {
  it('is the same when it has been through the neutral model', () => {
    fc.assert(
      fc.property(body, (given) => {
        const asked = plain(given)
        expect(plain(openaiResponses().request(openaiResponsesProtocol.decode(asked)))).toEqual(asked)
      }),
      runs,
    )
  })
})

const context = { model: 'm', includeUsage: true }
const events: fc.Arbitrary<ChatEvent[]> = fc
  .record({
    reasoning: fc.array(
      fc.record({
        words: several(text),
        summary: fc.boolean(),
        id: word.map((id) => `rs_${id}`),
        encrypted: option(base64),
      }),
      { maxLength: 2 },
    ),
    words: fc.array(text, { maxLength: 4 }),
    refusal: fc.array(text, { maxLength: 2 }),
    calls: fc.array(
      fc.record({ id: fc.uuid(), name: word, kind: fc.constantFrom('function', 'custom'), fragments: several(text) }),
      { maxLength: 3 },
    ),
    usage: fc.record({ input: fc.nat(), output: fc.nat(), cachedInput: fc.nat(), reasoning: fc.nat() }),
  })
  .map(({ reasoning, words, refusal, calls, usage }): ChatEvent[] => [
    { type: 'start', id: 'resp_1', model: 'm', created: 5 },
    ...reasoning.flatMap(({ words, summary, id, encrypted }, index): ChatEvent[] => {
      const same = { index, format: 'openai-responses-v1' as const, ...(summary && { summary }) }
      return [
        { type: 'reasoning', text: '', ...same, id },
        ...words.map((delta): ChatEvent => ({ type: 'reasoning', text: delta, ...same })),
        { type: 'reasoning', text: '', ...same, encrypted },
      ]
    }),
    ...words.map((delta): ChatEvent => ({ type: 'text', text: delta })),
    ...refusal.map((delta): ChatEvent => ({ type: 'refusal', text: delta })),
    ...calls.flatMap(({ id, name, kind, fragments }, index): ChatEvent[] => [
      { type: 'tool-call', index, id, name, kind },
      ...fragments.map((fragment): ChatEvent => ({ type: 'tool-call-delta', index, arguments: fragment })),
    ]),
    { type: 'finish', reason: calls.length > 0 ? 'tool_calls' : refusal.length > 0 ? 'refusal' : 'stop' },
    { type: 'usage', usage },
  ])

/** What an answer says: without the native word for its end, and what only this wire knows. */
function said(given: ChatEvent[]): unknown {
  const { id, model, created, usage, choices } = answerOf(given)
  const content = choices[0]?.content.map(({ extra: _, ...part }) => part)
  return { id, model, created, usage, content, end: choices[0]?.finishReason }
}

describe('an answer', () => {
  it('is the same after the Responses stream and back', () => {
    fc.assert(
      fc.property(events, (given) => {
        const encoder = openaiResponsesProtocol.encoder(context)
        const wire = given.map((event) => encoder.push(event)).join('') + encoder.end()
        expect(said(decodeStream(Buffer.from(wire)))).toEqual(said(given))
      }),
      runs,
    )
  })

  it('is the same after the response and back', () => {
    fc.assert(
      fc.property(events, (given) => {
        const response = plain(openaiResponsesProtocol.encode(answerOf(given), context))
        expect(said(openaiResponses().answer?.(response) ?? [])).toEqual(said(given))
      }),
      runs,
    )
  })
})
