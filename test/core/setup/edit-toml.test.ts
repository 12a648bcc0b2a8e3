import { describe, expect, it } from 'vitest'
import { mergeToml } from '../../../src/core/setup/edit-toml.ts'

const merge = (text: string) =>
  mergeToml(text, { model: 'new', model_provider: 'byok' }, 'model_providers.byok', { name: 'byok' })

describe('an edited TOML file', () => {
  it.each([
    ['rows of an array', 'x = [\n  ["a", "b"], # [z]\n  [\n  ],\n]\n'],
    ['a text with a line like a table', 'x = """\n[z]\nmodel = 1\n"""\ny = \'\'\'\n[z]\n\'\'\'\n'],
    ['an inline table', 'x = { a = [1, 2], "b c".d = { e = "}" } }\n'],
    ['a comment like a table', '# [z]\nx = "# no comment" # [z]\n'],
    ['dates and numbers', 'x = 1979-05-27 07:32:00 # at\ny = -1.5e3\n'],
  ])('has its keys below %s set, where they are', (_name, before) => {
    const text = merge(`${before}model = "old" # mine\nmodel_provider="openai"\n\n[tui]\nmodel = "not this"\n`)
    expect(text).toBe(
      `${before}model = "new" # mine\nmodel_provider="byok"\n\n[tui]\nmodel = "not this"\n\n[model_providers.byok]\nname = "byok"\n`,
    )
  })

  it('knows quoted keys and tables', () => {
    const before =
      '"model" = "old"\n\'model_provider\' = "openai"\n\n[ model_providers . "by\\u006fk" ]\nname = "old"\n'
    expect(merge(before)).toBe(
      '"model" = "new"\n\'model_provider\' = "byok"\n\n[ model_providers . "by\\u006fk" ]\nname = "byok"\n',
    )
  })

  it('keeps what else stands in byok’s table, and what stands about the next', () => {
    const before =
      'model = "a"\nmodel_provider = "b"\n[model_providers.byok] # mine\nretries = 5\n\n# about z\n[z]\n[model_providers.byok.headers]\na = "b"\n'
    expect(merge(before)).toBe(
      'model = "new"\nmodel_provider = "byok"\n[model_providers.byok] # mine\nretries = 5\nname = "byok"\n\n# about z\n[z]\n[model_providers.byok.headers]\na = "b"\n',
    )
  })

  it('keeps its line ends and its byte order mark', () => {
    expect(merge('\uFEFF[z]\r\na = 1')).toBe(
      '\uFEFFmodel = "new"\r\nmodel_provider = "byok"\r\n\r\n[z]\r\na = 1\r\n\r\n[model_providers.byok]\r\nname = "byok"\r\n',
    )
  })

  it.each([
    ['model = "a"\n"model" = "b"\n', /it sets `model` twice/],
    ['[a]\nb = 1\n[a]\n', /it sets `a` twice/],
    ['[[a]]\nb = 1\n[[a]]\nb = 1\nb = 2\n', /it sets `a.b` twice/],
    ['a = 1\nb = [1,\n', /line 3 is no valid TOML/],
    ['a = 1\nb = "c\n', /line 2 is no valid TOML/],
    ['a = 1 b = 2\n', /line 1 is no valid TOML/],
    ['[a\n', /line 1 is no valid TOML/],
    ['{"model": "a"}\n', /line 1 is no valid TOML/],
    ['model_providers = { byok = { name = "x" } }\n', /does not edit/],
    ['[model_providers]\nbyok.name = "x"\n', /does not edit/],
    ['model_providers.byok.name = "x"\n', /does not edit/],
    ['[model]\na = 1\n', /does not edit/],
  ])('is not made of %j', (text, message) => {
    expect(() => merge(text)).toThrow(message)
  })

  it('may have lists of tables with tables in them', () => {
    const before =
      'model = "a"\nmodel_provider = "b"\n[[a]]\nb = 1\n[a.c]\nd = 1\n[[a]]\nb = 1\n[a.c]\nd = 1\n[[a.e]]\n[[a.e]]\n'
    expect(merge(before)).toContain('[[a.e]]\n[[a.e]]\n\n[model_providers.byok]\n')
  })
})
