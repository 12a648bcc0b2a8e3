import fc from 'fast-check'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { stringify } from 'yaml'
import { ConfigError, configSchema, loadConfig } from '../../../src/core/config/index.ts'
import { claude, codex, folders, write } from './support.ts'

/** Loads a text as `-c FILE`; anything but a config or a {@link ConfigError} is a fault. */
async function survives(at: { home: string; cwd: string }, content: string): Promise<void> {
  await write(join(at.cwd, 'last.yaml'), content)
  try {
    const loaded = await loadConfig({ cwd: at.cwd, env: { HOME: at.home }, configFile: 'last.yaml', files: false })
    const { config, sources } = loaded.finish([claude, codex])
    expect(config.port).toBeTypeOf('number')
    expect(sources.size).toBeGreaterThan(0)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    expect(error.problems.length).toBeGreaterThan(0)
    for (const { source, line, message } of error.problems) {
      expect(source).toBe('last.yaml')
      expect(line).toBeGreaterThan(0)
      expect(message).not.toBe('')
    }
  }
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
}

it('random text never does worse than a ConfigError', async () => {
  const at = await folders()
  const yamlish = fc
    .array(
      fc.constantFrom(
        ...['port', 'log', 'providers', 'claude', '__proto__', 'polluted', 'models', '<<'],
        ...[
          ':',
          ': ',
          '\n',
          '\n  ',
          '- ',
          '{',
          '}',
          '[',
          ']',
          ',',
          '&a ',
          '*a',
          '!!str ',
          '!x ',
          '"',
          "'",
          '|',
          '>-',
          '? ',
        ],
        ...[
          '${',
          '${HOME}',
          '${X:-',
          '}',
          '1',
          'null',
          '~',
          '\t',
          '#',
          '---',
          '...',
          '%YAML 1.1',
          '\u{feff}',
          '\\x',
          '@',
        ],
      ),
      { maxLength: 30 },
    )
    .map((parts) => parts.join(''))
  await fc.assert(
    fc.asyncProperty(fc.oneof(yamlish, fc.string({ unit: 'binary' })), (content) => survives(at, content)),
    { numRuns: 150 },
  )
})

it('random values under known and unknown keys never do worse than a ConfigError', async () => {
  const at = await folders()
  const name = fc.oneof(
    fc.constantFrom(
      ...Object.keys(configSchema.shape),
      ...['claude', 'codex', 'nobody', 'api_key', 'api_keys', 'key', 'label', 'base_url', 'headers', 'type', 'oauth'],
      ...['level', 'keep_alive', 'keys', 'strategy', '__proto__', 'constructor', 'toString', ''],
    ),
    fc.string({ maxLength: 5 }),
  )
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 5 },
      fc.constantFrom(
        null,
        true,
        0,
        -1,
        1.5,
        1e300,
        NaN,
        'openai-compatible',
        'a/b',
        '5m',
        '${X}',
        '${HOME}',
        'http://h',
      ),
      fc.string({ maxLength: 6 }),
      fc.array(tie('tree'), { maxLength: 3 }),
      fc.array(fc.tuple(name, tie('tree')), { maxLength: 5 }).map((entries) => new Map(entries)),
    ),
  }))
  const root = fc.array(fc.tuple(name, tree), { maxLength: 5 }).map((entries) => new Map(entries))
  await fc.assert(
    fc.asyncProperty(root, (value) => survives(at, stringify(value))),
    { numRuns: 150 },
  )
})
