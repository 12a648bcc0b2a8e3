import { dirname, relative, resolve, sep } from 'node:path'

const src = resolve(import.meta.dirname, '../../src')
const manifest = resolve(src, '../package.json')

/** Which layers a file of each layer may import from. A plugin is a layer of its own. */
const allowed = {
  core: () => ['core'],
  // As a plugin of somebody else's: by what the package exports.
  plugins: (self) => ['index.ts', 'kit.ts', self],
  adapters: () => ['core', 'adapters'],
  testing: () => ['core', 'adapters', 'testing'],
  cli: () => ['core', 'adapters', 'cli', 'index.ts'],
  // In the browser there is no core; its types are shared.
  ui: (_self, { types }) => (types ? ['ui', 'core'] : ['ui']),
  'builtins.ts': () => ['core', /^plugins\//],
  'index.ts': () => ['core', 'builtins.ts'],
  'kit.ts': () => ['core'],
}

/** The layer of a file: `core`, `plugins/claude`, `adapters`, `cli`, a file right in `src`, or undefined outside of it. */
function layerOf(file) {
  const path = relative(src, file).split(sep)
  if (path[0] === '..') return undefined
  return path[0] === 'plugins' ? path.slice(0, 2).join('/') : path[0]
}

/** The file that a specifier means, or undefined for another package. The package's own name counts as its source. */
function target(specifier, from) {
  if (specifier.startsWith('.')) return resolve(dirname(from), specifier)
  if (specifier === 'byok') return resolve(src, 'index.ts')
  return specifier.startsWith('byok/') ? resolve(src, specifier.slice('byok/'.length)) : undefined
}

/** @type {import('eslint').Rule.RuleModule} */
const layers = {
  meta: {
    type: 'problem',
    docs: { description: 'Imports point one way: cli -> adapters -> core, and plugins -> the public API -> core.' },
    messages: {
      layer: '{{from}} may import only {{allowed}} of src, not {{to}}.',
      outside: 'src may import nothing from outside of it but package.json.',
    },
    schema: [],
  },
  create(context) {
    const from = layerOf(context.filename)
    if (from === undefined) return {}
    const namesFor = (about) => allowed[from.split('/')[0]]?.(from, about) ?? ['core']

    function check(node, about = { types: false }) {
      if (node?.type !== 'Literal' || typeof node.value !== 'string') return
      const file = target(node.value, context.filename)
      if (file === undefined || file === manifest) return
      const to = layerOf(file)
      const names = namesFor(about)
      if (to === undefined) context.report({ node, messageId: 'outside' })
      else if (!names.some((name) => (typeof name === 'string' ? name === to : name.test(to))))
        context.report({
          node,
          messageId: 'layer',
          data: { from, to, allowed: names.map((name) => (typeof name === 'string' ? name : 'plugins')).join(', ') },
        })
    }

    return {
      ImportDeclaration: (node) => check(node.source, { types: node.importKind === 'type' }),
      ImportExpression: (node) => check(node.source),
      ExportAllDeclaration: (node) => check(node.source),
      ExportNamedDeclaration: (node) => check(node.source),
      TSImportType: (node) => check(node.source),
    }
  },
}

export default layers
