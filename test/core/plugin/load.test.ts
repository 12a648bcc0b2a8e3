import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { loadPlugin } from '../../../src/core/plugin/load.ts'
import { createByok, createMemoryTokenStore } from '../../../src/index.ts'

let folder: string
const at = (...path: string[]) => join(folder, ...path)

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'byok-plugins-'))
  for (const name of ['etc/plugins', 'work', 'work/node_modules/byok-plugin-acme'])
    await mkdir(at(name), { recursive: true })
  const plugin = (name: string) => `export default { name: '${name}', hooks: { response() {} } }`
  await writeFile(at('etc/plugins/beside.mjs'), plugin('beside-the-file'))
  await writeFile(at('work/here.mjs'), plugin('here'))
  await writeFile(at('work/throws.mjs'), 'throw new Error("no luck")')
  await writeFile(at('work/empty.mjs'), '')
  await writeFile(at('work/named.mjs'), "export const acme = { name: 'acme' }")
  await writeFile(at('work/unknown.mjs'), 'const plugin = {}\nexport default () => unknown')
  await mkdir(at('work/node_modules/byok-plugin-broken'))
  await writeFile(at('work/node_modules/byok-plugin-broken/index.mjs'), 'export default {\n')
  await writeFile(
    at('work/node_modules/byok-plugin-broken/package.json'),
    JSON.stringify({ name: 'byok-plugin-broken', exports: './index.mjs' }),
  )
  await writeFile(at('work/getter.mjs'), "export default { name: 'a', get models() { throw new Error('no models') } }")
  await writeFile(
    at('work/compiled.cjs'),
    `Object.defineProperty(exports, '__esModule', { value: true }); exports.default = { name: 'compiled', hooks: {} }`,
  )
  await writeFile(at('work/lacks.mjs'), 'import "byok-plugin-acme-parts"')
  await writeFile(at('work/node_modules/byok-plugin-acme/index.js'), plugin('acme'))
  const manifest = { name: 'byok-plugin-acme', type: 'module', exports: './index.js' }
  await writeFile(at('work/node_modules/byok-plugin-acme/package.json'), JSON.stringify(manifest))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** The names of what a config file in `etc` loads, for a byok that runs in `work`. */
async function load(plugins: string): Promise<string[]> {
  const configFile = at('etc/byok.yaml')
  await writeFile(configFile, `plugins: [${plugins}]`)
  const store = createMemoryTokenStore()
  const byok = await createByok({ configFile, configFiles: false, cwd: at('work'), env: {}, store })
  await byok.close()
  return byok.registry.plugins.map(({ name }) => name)
}

describe('plugins of a config file', () => {
  it('are found beside the file, in the working folder, and among its packages', async () => {
    const names = await load("'./plugins/beside.mjs', './here.mjs', byok-plugin-acme")
    expect(names).toEqual(expect.arrayContaining(['beside-the-file', 'here', 'acme']))
  })

  it('may be TypeScript compiled to CommonJS', async () => {
    expect(await load('./compiled.cjs')).toContain('compiled')
  })

  it('are found in the home', async () => {
    vi.stubEnv('HOME', at('work'))
    onTestFinished(() => void vi.unstubAllEnvs())
    expect(await load('~/here.mjs')).toContain('here')
  })

  it.each([
    ['./gone.mjs', /"\.\/gone\.mjs" was not found from .*etc or .*work\. There is no such file/],
    ['byok-plugin-gone', /"byok-plugin-gone" was not found .*npm install byok-plugin-gone/],
    ['./throws.mjs', /"\.\/throws\.mjs" failed to load: no luck/],
    [
      './lacks.mjs',
      /"\.\/lacks\.mjs" failed to load: .*Install it beside the plugin: npm install byok-plugin-acme-parts$/,
    ],
    ['./unknown.mjs', /"\.\/unknown\.mjs" failed to start: unknown is not defined, at \S+\/unknown\.mjs:2:\d+$/],
    ['byok-plugin-broken', /failed to load: Unexpected end .*\. See where: node --check \S+-broken\/index\.mjs$/],
    ['./getter.mjs', /"\.\/getter\.mjs" "a" cannot be read: no models$/],
    ['./empty.mjs', /"\.\/empty\.mjs" has no default export\. /],
    ['./named.mjs', /"\.\/named\.mjs" has no default export, but `acme`\. It must export a plugin as its default\.$/],
    ['here.mjs', /"here\.mjs" was not found .*There is a file of that name: write \.\/here\.mjs\./],
  ])('are named where they fail: %s', async (id, message) => {
    await expect(load(`'${id}'`)).rejects.toThrow(message)
  })
})

it.each([
  ['failed to load', 'BEGUN; export default await new Promise(() => {})'],
  ['failed to start', 'export default () => (BEGUN, new Promise(() => {}))'],
])('one that never gets done is named: it %s', async (what, text) => {
  // Reading the file takes as long as it takes: the time it has is over once the plugin itself waits.
  const name = what.replaceAll(' ', '-')
  await writeFile(at('work', `${name}.mjs`), text.replace('BEGUN', `process.emit(${JSON.stringify(name)})`))
  const begun = once(process, name)
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const loading = loadPlugin(`./${name}.mjs`, [at('work')])
  const failing = expect(loading).rejects.toThrow(`${what}: it was not done after 30 seconds`)
  await begun
  await vi.advanceTimersByTimeAsync(30_000)
  await failing
})

describe('plugins of createByok', () => {
  const create = (plugins: unknown) =>
    createByok({ plugins: plugins as [], configFiles: false, env: {}, store: createMemoryTokenStore() })

  it.each<[unknown, string | RegExp]>([
    ['byok-plugin-acme', 'createByok options: plugins: expected a list of plugins, package names and paths'],
    [{}, 'createByok options: plugins: expected a list of plugins, package names and paths'],
    [[{ name: 'a' }, 5], /^plugins\[1\] of createByok is not a plugin: /],
    [[{ hooks: {} }], /^plugins\[0\] of createByok has a fault in `name`: /],
    [
      [() => ({ name: 'a' })],
      'plugins[0] of createByok is a function, not a plugin. Call it, where it makes one: `acme()`.',
    ],
    [
      [Promise.resolve({ name: 'a' })],
      'plugins[0] of createByok is a promise, not a plugin. Wait for it: `await acme()`.',
    ],
    [[{ name: 'acme', excutor: 1 }], 'plugin "acme" has a fault in `excutor`: there is no such field, but `executor`.'],
    [
      [{ name: 'acme', commands: { 'Say Hi': { description: 'Hi', run() {} } } }],
      'plugin "acme" has a fault in `commands.Say Hi`: its name must be lower-case letters, digits and dashes.',
    ],
    [[{ name: 'acme', stores: { 'a vault': () => {} } }], '`stores.a vault`: its name must be the scheme of a URL.'],
    [
      [{ name: 'acme', auth: [{ kind: 'oauth', label: 'Login' }] }],
      '`auth.0.login`: must be a function that signs in, for the kind `oauth`.',
    ],
    [
      [{ name: 'acme', auth: [{ kind: 'oauth', label: 'Login', login() {}, refresh: true }] }],
      '`auth.0.refresh`: must be a function.',
    ],
    [
      [{ name: 'acme', endpoints: { embedding: () => {} } }],
      'plugin "acme" has a fault in `endpoints.embedding`: there is no such endpoint, only embeddings, completions, ',
    ],
    [
      [{ default: { name: 'acme' } }],
      'plugins[0] of createByok is a module, not a plugin. Give what it exports: `acme.default`.',
    ],
    [
      [{ name: 'twice' }, { name: 'twice' }],
      'a plugin named "twice" is there already. Name it once, or give one of the two another name.',
    ],
    [[{ name: 'acme', quux: 1 }], 'plugin "acme" has a fault in `quux`: there is no such field.'],
  ])('are named where they are none: %j', async (plugins, message) => {
    await expect(create(plugins)).rejects.toThrow(message)
  })
})
