import { apiKey, definePlugin } from '../../index.ts'
import { kiroLogin, kiroSettings } from './auth.ts'
import { executor } from './executor.ts'
import { listModels } from './list-models.ts'
import { models } from './models.ts'
import { translator } from './translator.ts'
import { withTokensTold } from './usage.ts'

/** Kiro, Amazon's coding agent, with an API key (`ksk_…`, from app.kiro.dev) or a login. */
export default definePlugin({
  name: 'kiro',
  title: 'Kiro',
  models,
  listModels,
  // Nothing works any more that is not listed: jwadow/kiro-gateway, kiro/config.py, `HIDDEN_MODELS`.
  listsAll: true,
  // https://kiro.dev/docs/cli/authentication
  auth: [apiKey({ env: ['KIRO_API_KEY'] }), kiroLogin],
  translator: ({ info }) => withTokensTold(translator, info?.contextWindow),
  executor,
  config: kiroSettings,
})
