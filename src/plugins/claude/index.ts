import { apiKey, definePlugin } from '../../index.ts'
import { claudeLogin } from './auth.ts'
import { countTokens } from './count-tokens.ts'
import { executor } from './executor.ts'
import { listModels } from './list-models.ts'
import { models } from './models.ts'
import { claudeSettings } from './prompt-cache.ts'
import { translator } from './translator.ts'

/** Anthropic: its API with a key, or with a Claude login. */
export default definePlugin({
  name: 'claude',
  title: 'Claude',
  models,
  auth: [apiKey({ env: ['ANTHROPIC_API_KEY'] }), claudeLogin],
  translator,
  executor,
  listModels,
  countTokens,
  config: claudeSettings,
})
