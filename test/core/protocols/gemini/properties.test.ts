import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AssistantPart, ChatEvent } from '../../../../src/core/chat/index.ts'
import { geminiGenerateContent, geminiProtocol } from '../../../../src/core/protocols/gemini/index.ts'
import { interleaved } from '../interleaved.ts'
import { decodeBytes, encodeEvents, fold } from './support.ts'

const runs = { numRuns: 50 }
const plain = <T>(value: T): unknown => JSON.parse(JSON.stringify(value))
const option = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined })
const several = <T>(part: fc.Arbitrary<T>) => fc.array(part, { minLength: 1, maxLength: 3 })
const text = fc.string({ unit: 'grapheme', minLength: 1 })
const word = fc.stringMatching(/^[a-z_]{1,12}$/)
const base64 = fc.base64String({ minLength: 4 })
const json = fc.dictionary(word, fc.jsonValue(), { noNullPrototype: true })
const number = fc.double({ min: 0, max: 1, noNaN: true }).map((value) => value + 0)

const textPart = fc.record({ text, partMetadata: option(fc.constant({ a: 1 })) })
const media = fc.oneof(
  fc.record({
    inlineData: fc.record({ mimeType: fc.constantFrom('image/png', 'audio/wav', 'application/pdf'), data: base64 }),
    videoMetadata: option(fc.constant({ fps: 1 })),
  }),
  fc.record({
    fileData: fc.record({
      mimeType: fc.constantFrom('image/png', 'application/pdf', 'video/mp4'),
      fileUri: fc.oneof(
        word.map((id) => `https://generativelanguage.googleapis.com/v1beta/files/${id}`),
        fc.constantFrom('https://www.youtube.com/watch?v=a', 'https://a.example/b'),
      ),
    }),
  }),
)
const thought = fc.record({ text, thought: fc.constant(true), thoughtSignature: base64 })
const code = fc.record({ executableCode: fc.record({ language: fc.constant('PYTHON'), code: text }) })

/** A user's turn, what the model says and calls, and the results of its calls. */
const turns = fc
  .tuple(
    several(fc.oneof(textPart, media)),
    fc.array(thought, { maxLength: 1 }),
    several(fc.oneof(textPart, code)),
    fc.array(fc.record({ id: fc.uuid(), name: word, args: json, signature: option(base64) }), { maxLength: 2 }),
    json,
  )
  .map(([said, thoughts, words, calls, response]) => ({
    said,
    model: [
      ...thoughts,
      ...words,
      ...calls.map(({ signature, ...functionCall }) => ({ functionCall, thoughtSignature: signature })),
    ],
    results: calls.map(({ id, name }) => ({ functionResponse: { id, name, response } })),
  }))

/** The results of a turn's calls begin the user's next. */
const contents = several(turns).map((list) =>
  [...list, { said: [{ text: 'Go on' }], model: [] }].flatMap(({ said, model }, index) => [
    { role: 'user', parts: [...(list[index - 1]?.results ?? []), ...said] },
    ...(model.length > 0 ? [{ role: 'model', parts: model }] : []),
  ]),
)

const generationConfig = fc
  .record({
    maxOutputTokens: option(fc.nat()),
    stopSequences: option(several(text)),
    temperature: option(number),
    topP: option(number),
    topK: option(fc.nat()),
    seed: option(fc.integer()),
    presencePenalty: option(number),
    frequencyPenalty: option(number),
    candidateCount: option(fc.integer({ min: 2, max: 8 })),
    logprobs: option(fc.nat()),
    thinkingConfig: option(
      fc.oneof(
        fc.record({ thinkingBudget: fc.integer({ min: 128, max: 32_768 }), includeThoughts: fc.constant(true) }),
        fc.record({ includeThoughts: fc.constant(true) }),
      ),
    ),
    json: option(
      fc.constantFrom<object>({}, { responseJsonSchema: { type: 'object', properties: { a: { type: 'string' } } } }),
    ),
    mediaResolution: option(fc.constant('MEDIA_RESOLUTION_LOW')),
    responseModalities: option(fc.constant(['TEXT', 'IMAGE'])),
    speechConfig: option(fc.constant({ languageCode: 'de' })),
  })
  .map(({ json, ...config }) => ({
    ...config,
    ...(config.logprobs !== undefined && { responseLogprobs: true }),
    ...(json && { responseMimeType: 'application/json', ...json }),
  }))

const functions = fc.uniqueArray(
  fc.record({
    name: word,
    description: option(text),
    parametersJsonSchema: option(fc.constant({ type: 'object', properties: { a: { type: 'string' } } })),
    behavior: option(fc.constant('BLOCKING')),
  }),
  { minLength: 1, maxLength: 3, selector: ({ name }) => name },
)

const body = fc
  .record({
    systemInstruction: option(fc.record({ parts: several(fc.record({ text })) })),
    contents,
    functions: option(functions),
    own: option(fc.constantFrom({ googleSearch: {} }, { codeExecution: {} }, { urlContext: {} })),
    calling: option(
      fc.oneof(
        fc.constantFrom({ mode: 'AUTO' }, { mode: 'NONE' }, { mode: 'ANY' }),
        several(word).map((names) => ({ mode: 'ANY', allowedFunctionNames: names })),
      ),
    ),
    generationConfig: option(generationConfig),
    safetySettings: option(fc.constant([{ category: 'HARM_CATEGORY_HARASSMENT', threshold: 'OFF' }])),
    cachedContent: option(word.map((id) => `cachedContents/${id}`)),
    labels: option(fc.constant({ a: 'b' })),
  })
  .map(({ functions, own, calling, ...fields }) => ({
    ...fields,
    ...((functions ?? own) && {
      tools: [...(functions ? [{ functionDeclarations: functions }] : []), ...(own ? [own] : [])],
    }),
    ...(functions && calling && { toolConfig: { functionCallingConfig: calling } }),
  }))

describe('a request of Gemini’s', () => {
  it('is the same when it has been through the neutral model', () => {
    fc.assert(
      fc.property(body, (given) => {
        const asked = withoutEmpty(plain(given))
        const chat = geminiProtocol.decode({ ...asked, model: 'gemini-2.5-pro', stream: false })
        expect(withoutEmpty(plain(geminiGenerateContent().request(chat)))).toEqual(withJoinedTexts(asked))
      }),
      runs,
    )
  })
})

/** Texts of a model that follow each other are one: clients keep the messages of a stream as parts of their own. */
function withJoinedTexts(body: object): object {
  const { contents } = body as { contents: { role: string; parts: { text?: string }[] }[] }
  const joined = contents.map(({ role, parts }) => {
    if (role !== 'model') return { role, parts }
    const texts: { text?: string }[] = []
    for (const part of parts) {
      const last = texts.at(-1)
      if (isPlain(last) && isPlain(part)) texts.splice(-1, 1, { text: last.text + part.text })
      else texts.push(part)
    }
    return { role, parts: texts }
  })
  return { ...body, contents: joined }
}

function isPlain(part: { text?: string } | undefined): part is { text: string } {
  return part?.text !== undefined && Object.keys(part).length === 1
}

/** No `generationConfig` says what an empty one says. */
function withoutEmpty(body: unknown): object {
  const { generationConfig: config, ...rest } = body as { generationConfig?: object }
  return config && Object.keys(config).length > 0 ? { ...rest, generationConfig: config } : rest
}

const events: fc.Arbitrary<ChatEvent[]> = fc
  .record({
    thought: option(fc.record({ words: several(text), signature: base64 })),
    words: fc.array(text, { maxLength: 4 }),
    calls: fc.array(fc.record({ id: fc.uuid(), name: word, args: json, signature: option(base64) }), { maxLength: 3 }),
    end: fc.constantFrom<ChatEvent>(
      { type: 'finish', reason: 'length', native: 'MAX_TOKENS' },
      { type: 'finish', reason: 'content_filter', native: 'SAFETY' },
    ),
    usage: fc.record({ input: fc.nat(), words: fc.nat(), cachedInput: fc.nat(), reasoning: fc.nat() }),
  })
  .map(({ thought, words, calls, end, usage: { words: visible, ...usage } }): ChatEvent[] => {
    const format = 'google-gemini-v1' as const
    const before = thought ? 1 : 0
    let signed = before
    return [
      { type: 'start', id: 'r', model: 'm' },
      // Gemini signs a thought in the chunk that ends it.
      ...(thought?.words ?? []).map((delta, at, { length }): ChatEvent => ({
        type: 'reasoning',
        index: 0,
        text: delta,
        ...(at === length - 1 && { signature: thought?.signature }),
        format,
      })),
      ...words.map((delta): ChatEvent => ({ type: 'text', text: delta })),
      ...calls.flatMap(({ id, name, args, signature }, index): ChatEvent[] => [
        ...(signature === undefined
          ? []
          : [{ type: 'reasoning', index: signed++, text: '', signature, id, format } satisfies ChatEvent]),
        { type: 'tool-call', index, id, name, kind: 'function' },
        { type: 'tool-call-delta', index, arguments: JSON.stringify(args) },
      ]),
      end,
      { type: 'usage', usage: { ...usage, output: visible + usage.reasoning } },
    ]
  })

describe('an answer', () => {
  it('is the same after Gemini’s stream and back', () => {
    fc.assert(
      fc.property(events, (given) => {
        expect(fold(decodeBytes(Buffer.from(encodeEvents(given))))).toEqual(fold(given))
      }),
      runs,
    )
  })

  it('has each call whole and in its place, however the provider told them', () => {
    fc.assert(
      fc.property(interleaved, (given) => {
        const told = fold(decodeBytes(Buffer.from(encodeEvents(given)))).choices[0]?.content
        // Thoughts without a signature that follow each other are one to Gemini.
        expect(textsOf(told)).toEqual(textsOf(fold(given).choices[0]?.content))
      }),
      { numRuns: 200 },
    )
  })

  it('is the same after Gemini’s whole answer and back', () => {
    fc.assert(
      fc.property(events, (given) => {
        const whole = plain(geminiProtocol.encode(fold(given), { model: 'asked-for', includeUsage: true }))
        expect(fold(geminiGenerateContent().answer?.(whole) ?? [])).toEqual(fold(given))
      }),
      runs,
    )
  })
})

function textsOf(content: AssistantPart[] = []): string[] {
  const texts: string[] = []
  let thinking = false
  for (const part of content) {
    if (part.type === 'reasoning' && thinking) texts.push(`${texts.pop()}${part.text}`)
    else if (part.type === 'tool-call') texts.push(`${part.id}: ${part.arguments}`)
    else if (part.type === 'text' || part.type === 'reasoning') texts.push(`${part.type}: ${part.text}`)
    thinking = part.type === 'reasoning'
  }
  return texts
}
