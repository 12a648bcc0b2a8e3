import { describe, expect, it } from 'vitest'
import { mergeToml } from '../../../src/core/setup/edit-toml.ts'
import { mergeEnv } from '../../../src/core/setup/edit.ts'
import { mergeJson } from '../../../src/core/setup/edit-json.ts'
import { takeOutToml } from '../../../src/core/setup/take-out-toml.ts'
import { takeOutEnv, takeOutJson } from '../../../src/core/setup/take-out.ts'

describe('what byok wrote', () => {
  it('is taken out of JSON, and nothing else', () => {
    const before = '{"model":"opus","env":{"MINE":"1","KEY":"old"},"kept":{}}'
    const written = mergeJson(before, {
      env: { KEY: 'new', URL: 'here', NAME: 'byok' },
      made: { a: { b: 1 } },
      kept: { c: 1 },
    })
    const now = mergeJson(written, { permissions: { allow: ['x'] }, env: { MINE: '2', NAME: 'mine' } })
    expect(JSON.parse(takeOutJson(now, written, before))).toEqual({
      model: 'opus',
      env: { MINE: '2', KEY: 'old', NAME: 'mine' },
      kept: {},
      permissions: { allow: ['x'] },
    })
    expect(takeOutJson(written, written, '')).toBe('')
    const noted = takeOutJson(`// mine\n${now}`, written, before)
    expect(noted).toMatch(/^\/\/ mine\n/)
    expect(noted).not.toContain('here')
  })

  it('is taken out of TOML, and nothing else', () => {
    const before = '# mine\nmodel = "old" # best\n\n[tui]\na = 1\n'
    const written = mergeToml(before, { model: 'new', model_provider: 'byok' }, 'model_providers.byok', {
      name: 'byok',
      url: 'here',
    })
    const now = `${written.replace('a = 1', 'a = 2')}\n[projects."/a.b"]\ntrust_level = "trusted"\n`
    expect(takeOutToml(now, written, before)).toBe(
      '# mine\nmodel = "old" # best\n\n[tui]\na = 2\n\n\n[projects."/a.b"]\ntrust_level = "trusted"\n',
    )
    const mine = written
      .replace('model_provider = "byok"', 'model_provider = "mine"')
      .replace('here"', 'here"\nretries = 5')
    expect(takeOutToml(mine, written, before)).toBe(
      'model_provider = "mine"\n\n# mine\nmodel = "old" # best\n\n[tui]\na = 1\n\n[model_providers.byok]\nretries = 5\n',
    )
    const made = mergeToml('', { model: 'new' }, 'model_providers.byok', { name: 'byok' })
    expect(takeOutToml(made, made, '')).toBe('')
    expect(() => takeOutToml('{', written, before)).toThrow(/TOML/)
  })

  it('is taken out of variables, and nothing else', () => {
    const before = 'A=1\nB=2\n'
    const written = mergeEnv(before, { B: '3', C: '4', D: '5' })
    expect(takeOutEnv('A=1\nA="3"\n# more\n', 'A=1\nA="3"\n', 'A=1\nA=2\n')).toBe('A=1\nA=2\n# more\n')
    expect(takeOutEnv(`${written.replace('"5"', '6')}E=7\n`, written, before)).toBe('A=1\nB=2\nD=6\nE=7\n')
  })
})
