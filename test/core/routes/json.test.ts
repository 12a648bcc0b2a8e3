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
