import { expect, it } from 'vitest'
import { builtins } from '../../../src/builtins.ts'
import { schemaFor } from '../../../src/core/config/provider-schema.ts'
import { maskSecrets, UnknownMark } from '../../../src/core/ui/mask.ts'

const mask = (text: string) => maskSecrets(text, (names) => schemaFor(builtins, names))

const SECRETS = [
  '8675309867530',
  'sk-ant-CANARY-one',
  'CANARY-two',
  'CANARY three',
  'CANARY-four',
  'CANARY-five',
  'sk-CANARYsix0123456789abcdef',
]
const TEXT = `# was sk-CANARYsix0123456789abcdef
port: 8018
providers:
  qwen: { api_key: 8675309867530 }
  claude:
    api_key: sk-ant-CANARY-one # mine
  codex:
    api_keys: [CANARY-two, { key: "CANARY three", label: work }, '\${OPENAI_API_KEY}']
    headers: { x-corp: CANARY-four }
server:
  keys:
    - key: CANARY-five
      label: editor
`

it('no secret of a config is in the text that leaves, and each is back in the text that comes', () => {
  const masked = mask(TEXT)
  for (const secret of SECRETS) expect(masked?.text).not.toContain(secret)
  expect(masked?.text).toContain('${OPENAI_API_KEY}')
  expect(masked?.text).toContain('label: work')
  expect(masked?.text).toContain('# mine')
  expect(masked?.restore(masked.text)).toBe(TEXT)
})

it('a mark is the same secret wherever it is moved, and one that stands for nothing is refused by its line', () => {
  const masked = mask('providers: { claude: { api_key: CANARY-one } }\n')
  expect(masked?.restore('providers: { codex: { api_key: __SECRET_1__ } }')).toBe(
    'providers: { codex: { api_key: CANARY-one } }',
  )
  const unknown = expect.objectContaining({ line: 2 })
  expect(() => masked?.restore('port: 1\nhost: __SECRET_7__')).toThrow(UnknownMark)
  expect(() => masked?.restore('port: 1\nhost: __SECRET_7__')).toThrow(unknown)
})

it('a text that has marks of its own gets others, and none is given for what is no YAML', () => {
  const text = 'host: __SECRET_1__\nproviders: { claude: { api_key: CANARY } }\n'
  const masked = mask(text)
  expect(masked?.text).toContain('__SECRETX_1__')
  expect(masked?.restore(masked.text)).toBe(text)
  expect(mask('a: [')).toBeUndefined()
})

it.each([
  ['a setting that is a comment', '# api_key: CANARY-one\nport: 1\n'],
  ['one after a value', 'port: 1 # token = "CANARY-one"\n'],
  ['one in a map', '# claude: { models: [a], api_key: CANARY-one }\n'],
  ['a list', '# api_keys:\n#   - CANARY-one\n#   - CANARY-two\n'],
  ['a list on one line', '  # api_keys: [CANARY-one, "CANARY-two"]\n'],
  ['what an alias stands for', 'x: &k CANARY-one\nproviders:\n  claude: { api_key: *k }\n'],
  ['what is merged', 'x: &b { headers: { x-corp: CANARY-one } }\nproviders:\n  claude: { <<: *b }\n'],
  ['one where a list should be', 'server: { keys: CANARY-one }\n'],
  ['a list of a wrong name', 'server: { keyz: [CANARY-one] }\n'],
])('hides %s', (_, text) => {
  const masked = mask(text)
  expect(masked?.text).toMatch(/__SECRET_1__/)
  expect(masked?.text).not.toContain('CANARY')
  expect(masked?.restore(masked.text)).toBe(text)
})

it.each([
  ['words', '# The key of all this: look at the documentation\n# Tokens: see below\n'],
  ['what is taken from the environment', '# api_key: ${OPENAI_API_KEY}\n'],
  ['an alias in itself', 'x: &a [*a]\n'],
])('leaves %s', (name, text) => {
  const masked = mask(text)
  expect(masked?.restore(masked.text)).toBe(text)
  if (name !== 'words') expect(masked?.text).toBe(text)
})

/** Each name is nine of the one before. */
const bomb = [...'abcdefghij']
  .map(
    (name, at, all) =>
      `${name}: &${name} [${'x,'.repeat(9).replaceAll('x', at === 0 ? '1' : `*${all[at - 1] ?? ''}`)}]\n`,
  )
  .join('')

it.each([
  ['a second document', 'port: 1\n---\nproviders: { claude: { api_key: CANARY } }\n'],
  ['aliases without end', bomb],
])('shows nothing of a text with %s', (_, text) => expect(mask(text)).toBeUndefined())
