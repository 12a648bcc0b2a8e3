import { definePlugin } from '../../index.ts'
import { executor } from './executor.ts'
import { listModels } from './list-models.ts'
import { models } from './models.ts'
import { translator } from './translator.ts'
import { antigravityLogin } from './auth.ts'

/** Google's Antigravity: Gemini and Claude models behind Code Assist's agent endpoints, with a Google login. */
export default definePlugin({
  name: 'antigravity',
  title: 'Antigravity',
  models,
  listModels,
  // CLIProxyAPI served what was listed, by account: `FetchAntigravityModels` of its antigravity_executor.go, before its own list.
  listsAll: true,
  auth: [antigravityLogin],
  translator,
  executor,
})
