import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { parseClientJson } from '../../../src/core/routes/json.ts'

const nested = (depth: number, inner = '') => `${'['.repeat(depth)}${inner}${']'.repeat(depth)}`

describe('parseClientJson', () => {
  // Small texts are looked at after they are parsed, large ones before.
  const padding = `"${'x'.repeat(300_000)}"`

  it.each([
    ['brackets', nested(256)],
    ['brackets in a string', JSON.stringify(nested(300))],
    ['brackets after an escaped quote', JSON.stringify(`"${nested(300)}\\`)],
    ['brackets after escaped backslashes', `"${'\\\\'.repeat(100)}"`],
  ])('takes %s, of whatever size', (_, text) => {
    expect(parseClientJson(text)).toEqual(JSON.parse(text))
    // One level around them.
    const [first] = text.startsWith('[') ? [text.slice(1, -1)] : [text]
    expect(parseClientJson(`[${padding},${first || 'null'}]`)).toEqual(JSON.parse(`[${padding},${first || 'null'}]`))
  })

  // These are taken out before the rest is parsed.
  const image = `data:image/png;base64,${'iVBORw0KGgo='.repeat(30_000)}`

  it.each([
    ['in a message', JSON.stringify({ messages: [{ content: [{ url: image }, { url: image }] }], image })],
    ['alone', JSON.stringify(image)],
    ['of other characters than ASCII', JSON.stringify({ text: 'größer als 小 👋'.repeat(30_000), image })],
    ['with escapes', JSON.stringify({ text: 'a "word"\n\u0000'.repeat(30_000), image })],
    ['with escaped slashes', JSON.stringify({ image }).replaceAll('/', '\\/')],
    ['as a key', `{"${image}" \t\r\n: "${image}"\n,"${image}x":1}`],
    ['under a key of the prototype', `{"__proto__":"${image}","constructor":{"prototype":"${image}"}}`],
    ['twice under one key', `{"image":"${image}","image":"${image}x"}`],
  ])('reads long texts as the parser does: %s', (_, text) => {
    // Not by the assertion's own comparison, which looks up `constructor`.
    for (const source of [text, Buffer.from(text)]) {
      expect(isDeepStrictEqual(parseClientJson(source), JSON.parse(text))).toBe(true)
    }
  })

  it('lets a long text pass with a control character that should be escaped', () => {
    expect(parseClientJson(`["${image}\n"]`)).toEqual([`${image}\n`])
  })

  it.each([
    `["${image}" "${image}"]`,
    `{"image":"${image}"`,
    `{"${image}"}`,
    `["${image}]`,
    `"${image}"x`,
    ' '.repeat(300_000),
  ])('refuses what is no JSON around long texts', (text) => {
    expect(() => parseClientJson(text)).toThrow('We could not parse the JSON body')
  })

  it.each([
    ['small', nested(257)],
    ['large', `[${padding},${nested(256)}]`],
    ['large, beside strings with brackets and quotes', `["\\\\","]\\"]","\\\\\\"]",${padding},${nested(256)}]`],
    ['large, in a string that never ends', `${nested(256).slice(0, 256)}["${'x'.repeat(300_000)}`],
  ])('refuses what is nested too deep: %s', (_, text) => {
    expect(() => parseClientJson(text)).toThrow('nested more than 256 levels')
  })

  it('refuses more values than any request has, before it reads them', () => {
    const parse = vi.spyOn(JSON, 'parse')
    expect(() => parseClientJson(`{"input":[${'{},'.repeat(1_000_001)}1]}`)).toThrow('more than 2000000 values')
    expect(parse).not.toHaveBeenCalled()
  })

  // The items of these are parsed by themselves.
  const item = (number: number) => ({ role: 'user', content: [{ text: `${number}: "größer"\n`.repeat(700) }, [], {}] })
  const items = Array.from({ length: 20 }, (_, number) => item(number))

  it.each([
    ['of an object', { messages: items, model: 'm', tools: items }],
    ['with long texts in them', { messages: [...items, { image }, image, ...items], image }],
    ['with one item', { messages: [items] }],
    ['of an array', [items, items]],
    ['deeper down', { conversation: { messages: items, of: [items] } }],
    ['of texts', { input: items.map(({ content }) => JSON.stringify(content)) }],
    ['under a key of the prototype', JSON.parse(`{"__proto__":${JSON.stringify(items)},"constructor":[1]}`) as object],
  ])('reads long arrays as the parser does: %s', (_, value) => {
    for (const text of [JSON.stringify(value), JSON.stringify(value, undefined, 2)]) {
      expect(isDeepStrictEqual(parseClientJson(Buffer.from(text)), JSON.parse(text))).toBe(true)
    }
  })

  it('reads one key twice as the parser does, also where the first is no JSON', () => {
    const [first, second] = [JSON.stringify(items), JSON.stringify(items.slice(5))]
    const text = `{"messages":${first},"messages":${second}}`
    expect(parseClientJson(text)).toEqual({ messages: items.slice(5) })
    expect(() => parseClientJson(text.replace('[],', '[},'))).toThrow('it is not valid JSON')
  })

  it('reads and refuses as the parser does, whichever byte is another one', () => {
    const text = JSON.stringify({ model: 'm', messages: items, tools: items.slice(0, 4) })
    const bytes = Buffer.from(text)
    // What has a meaning, beside the texts.
    const places = [...text.matchAll(/[[\]{},:]|"(?=[a-z]+")|(?<=")"/g)].map((match) =>
      Buffer.byteLength(text.slice(0, match.index)),
    )
    const result = (parse: () => unknown) => {
      try {
        return { value: parse() }
      } catch {
        return 'refused'
      }
    }
    fc.assert(
      fc.property(fc.constantFrom(...places), fc.constantFrom(...'[]{},:" 1\\n'), (at, other) => {
        const changed = Buffer.from(bytes)
        changed.write(other, at)
        const expected = result(() => JSON.parse(changed.toString()))
        expect(
          isDeepStrictEqual(
            result(() => parseClientJson(changed)),
            expected,
          ),
        ).toBe(true)
      }),
      { numRuns: 60 },
    )
  })

  it.each([
    ['at the end', (first: string, second: string) => `${first},${second},`],
    ['between two', (first: string, second: string) => `${first},,${second}`],
    ['at the beginning', (first: string, second: string) => `,${first},${second}`],
    ['behind much space', (first: string, second: string) => `${' '.repeat(100_000)},${first},${second}`],
    ['before much space', (first: string, second: string) => `${first},${second},${' '.repeat(100_000)}`],
  ])('refuses a long array with a comma too many %s', (_, write) => {
    const run = JSON.stringify(items).slice(1, -1)
    expect(() => parseClientJson(`{"messages":[${run},${run}]}`)).not.toThrow()
    expect(() => parseClientJson(`{"messages":[${write(run, run)}]}`)).toThrow('it is not valid JSON')
  })

  it('refuses what is no JSON', () => {
    expect(() => parseClientJson('{"a":')).toThrow('it is not valid JSON')
    expect(() => parseClientJson(' ')).toThrow('it is empty')
    expect(() => parseClientJson(`["${'x'.repeat(300_000)}`)).toThrow('it is not valid JSON')
  })
})
