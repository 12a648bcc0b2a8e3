import { describe, it } from 'vitest'
import { cli, expectCorrected, PATCH, TASK, withWorkshop } from './workshop.ts'

/** What opencode asks for beyond its model: itself, anew, its list of models, and what its plugins are made of. */
const OFF = {
  OPENCODE_DISABLE_AUTOUPDATE: '1',
  OPENCODE_DISABLE_MODELS_FETCH: '1',
  OPENCODE_DISABLE_DEFAULT_PLUGINS: '1',
  npm_config_offline: 'true',
  npm_config_fetch_retries: '0',
}

describe('opencode', () => {
  it.each(['claude', 'codex', 'gemini', 'kimi'] as const)('corrects a file by a model of %s', (kind) =>
    withWorkshop(kind, async (shop) => {
      await shop.setUp('opencode')
      shop.script([
        { tool: 'read', arguments: ({ file }) => ({ filePath: file }), text: 'Let me look.' },
        // opencode has GPT models write patches.
        kind === 'codex'
          ? { tool: 'apply_patch', arguments: () => ({ patchText: PATCH }) }
          : {
              tool: 'edit',
              arguments: ({ file }) => ({ filePath: file, oldString: 'sky is green', newString: 'sky is blue' }),
            },
      ])
      const bin = cli(
        `opencode-${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`,
        'bin',
        'opencode',
      )
      const ran = await shop.run([bin, 'run', TASK], OFF)
      await expectCorrected(shop, ran)
    }),
  )
})
