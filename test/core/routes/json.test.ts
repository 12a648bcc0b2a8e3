import { isDeepStrictEqual } from 'node:util'
import { describe, expect, it } from 'vitest'
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

  it('refuses what is no JSON', () => {
    expect(() => parseClientJson('{"a":')).toThrow('it is not valid JSON')
    expect(() => parseClientJson(' ')).toThrow('it is empty')
    expect(() => parseClientJson(`["${'x'.repeat(300_000)}`)).toThrow('it is not valid JSON')
  })
})
