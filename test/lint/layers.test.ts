import { describe, expect, it } from 'vitest'
import { linterOf } from './support.ts'

const problems = linterOf('byok/layers')

const importing = (specifier: string) => `import { x } from '${specifier}'\nx()\n`

describe('the lint rule that imports point one way', () => {
  it.each([
    ['src/core/registry.ts', './plugin.ts'],
    ['src/core/routes/app.ts', '../exchange/exchange.ts'],
    ['src/core/routes/app.ts', 'h3'],
    ['src/core/version.ts', '../../package.json'],
    ['src/plugins/claude/index.ts', '../../index.ts'],
    ['src/plugins/claude/auth.ts', '../../kit.ts'],
    ['src/kit.ts', './core/json/json.ts'],
    ['src/plugins/claude/index.ts', './models.ts'],
    ['src/plugins/claude/wire/request.ts', '../models.ts'],
    ['src/adapters/listen.ts', '../core/byok.ts'],
    ['src/adapters/listen.ts', './node.ts'],
    ['src/cli/serve.ts', '../adapters/listen.ts'],
    ['src/cli/serve.ts', '../core/log/log.ts'],
    ['src/cli/serve.ts', '../index.ts'],
    ['src/builtins.ts', './plugins/claude/index.ts'],
    ['src/index.ts', './builtins.ts'],
    ['test/core/registry.test.ts', '../../src/plugins/claude/index.ts'],
  ])('lets %s import %s', async (file, specifier) => {
    expect(await problems(file, importing(specifier))).toEqual([])
  })

  it.each([
    ['src/core/registry.ts', '../plugins/claude/index.ts'],
    ['src/core/registry.ts', '../adapters/node.ts'],
    ['src/core/registry.ts', '../cli/serve.ts'],
    ['src/core/registry.ts', '../builtins.ts'],
    ['src/core/registry.ts', '../index.ts'],
    ['src/core/routes/app.ts', '../../cli/serve.ts'],
    ['src/plugins/claude/index.ts', '../codex/models.ts'],
    ['src/plugins/claude/index.ts', '../../adapters/node.ts'],
    ['src/plugins/claude/index.ts', '../../cli/serve.ts'],
    ['src/plugins/claude/index.ts', '../../core/plugin/plugin.ts'],
    ['src/plugins/claude/index.ts', '../../builtins.ts'],
    ['src/plugins/claude/index.ts', 'byok/plugins/codex'],
    ['src/kit.ts', './plugins/claude/index.ts'],
    ['src/core/registry.ts', '../kit.ts'],
    ['src/adapters/node.ts', '../plugins/claude/index.ts'],
    ['src/adapters/node.ts', '../cli/serve.ts'],
    ['src/adapters/node.ts', '../index.ts'],
    ['src/cli/serve.ts', '../plugins/claude/index.ts'],
    ['src/cli/serve.ts', '../builtins.ts'],
    ['src/builtins.ts', './adapters/node.ts'],
    ['src/index.ts', './plugins/claude/index.ts'],
    ['src/index.ts', './cli/main.ts'],
    ['src/core/registry.ts', '../../test/helpers/serve.ts'],
  ])('refuses that %s imports %s', async (file, specifier) => {
    expect(await problems(file, importing(specifier))).toHaveLength(1)
  })

  it('lets the page have types of core, and nothing else of it', async () => {
    const type = "import type { X } from '../core/ui/types.ts'\nexport type Y = X\n"
    expect(await problems('src/ui/app.tsx', type)).toEqual([])
    expect(await problems('src/ui/app.tsx', importing('./state/live.ts'))).toEqual([])
    expect(await problems('src/ui/app.tsx', importing('../core/ui/types.ts'))).toHaveLength(1)
    expect(
      await problems('src/ui/app.tsx', "import type { X } from '../cli/main.ts'\nexport type Y = X\n"),
    ).toHaveLength(1)
    expect(await problems('src/core/ui/api.ts', importing('../../ui/state/live.ts'))).toHaveLength(1)
  })

  it.each([
    ['a type import', "import type { X } from '../plugins/claude/index.ts'\nexport type Y = X\n"],
    ['a dynamic import', "export const x = () => import('../plugins/claude/index.ts')\n"],
    ['an import in a type', "export type X = typeof import('../plugins/claude/index.ts')\n"],
    ['a re-export', "export { x } from '../plugins/claude/index.ts'\n"],
    ['a re-export of everything', "export * from '../plugins/claude/index.ts'\n"],
  ])('sees %s', async (_form, code) => {
    expect(await problems('src/core/registry.ts', code)).toHaveLength(1)
  })

  it('says what is allowed', async () => {
    expect(await problems('src/adapters/node.ts', importing('../cli/serve.ts'))).toEqual([
      'adapters may import only core, adapters of src, not cli.',
    ])
    expect(await problems('src/plugins/claude/index.ts', importing('../codex/models.ts'))).toEqual([
      'plugins/claude may import only index.ts, kit.ts, plugins/claude of src, not plugins/codex.',
    ])
  })
})
