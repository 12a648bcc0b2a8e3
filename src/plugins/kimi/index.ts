import { apiKey, definePlugin } from '../../index.ts'
import { kimiLogin } from './auth.ts'
import { executor, listModels } from './executor.ts'
import { models } from './models.ts'
import { kimiSettings } from './region.ts'
import { translator } from './translator.ts'

/** Kimi's coding plan, by login or key; Moonshot's open platform with a `base_url`. */
export default definePlugin({
  name: 'kimi',
  title: 'Kimi',
  models,
  // KIMI_API_KEY: MoonshotAI/kimi-cli, packages/kosong/src/kosong/chat_provider/kimi.py.
  auth: [apiKey({ env: ['KIMI_API_KEY'] }), kimiLogin],
  translator,
  executor,
  listModels,
  // Kimi's own client drops what is not listed: MoonshotAI/kimi-cli, src/kimi_cli/auth/platforms.py, `_apply_models`.
  listsAll: true,
  config: kimiSettings,
})
