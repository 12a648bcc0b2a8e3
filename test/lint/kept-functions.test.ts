import { ESLint } from 'eslint'
import { describe, expect, it } from 'vitest'

/** The repository's own config, with that one rule and without types. */
const eslint = new ESLint({
  ruleFilter: ({ ruleId }) => ruleId === 'no-restricted-syntax',
  overrideConfig: { languageOptions: { parserOptions: { projectService: false } } },
})

async function problems(code: string, filePath = 'src/core/exchange/attempt.ts'): Promise<number> {
  const [result] = await eslint.lintText(code, { filePath })
  return result?.messages.length ?? 0
}

describe('the lint rule against functions that V8 keeps until a full collection', () => {
  it.each([
    ['assigned to a property', 'x.done = () => y\n'],
    ['assigned to a private one', 'class X { #done = y; set(y) { this.#done = async () => y } }\n'],
    ['assigned to a place', 'x[0] = function () { return y }\n'],
    ['assigned where there is none', 'x.done ??= () => y\n'],
    ['that are getters of an object literal', 'f({ get done() { return y } })\n'],
  ])('refuses those %s', async (_, code) => {
    expect(await problems(code)).toBe(1)
  })

  it.each([
    ['in an object literal', 'f({ done: () => y, undo() { return y } })\n'],
    ['given to a method', 'x.whenDone(() => y)\n'],
    ['that are constants first', 'const done = () => y\nx.done = done\n'],
    ['that are getters of a class', 'class X { get done() { return 1 } }\n'],
  ])('lets those be %s', async (_, code) => {
    expect(await problems(code)).toBe(0)
  })

  it('looks at what serves requests alone', async () => {
    expect(await problems('x.done = () => y\n', 'src/cli/serve.ts')).toBe(0)
  })
})
