import { apiKey, definePlugin } from '../../index.ts'
import { iflowLogin } from './auth.ts'
import { executor } from './executor.ts'
import { models } from './models.ts'
import { translator } from './translator.ts'

/** iFlow: GLM, Kimi, Qwen, DeepSeek and MiniMax models. It has no list of models to ask for (`GET /v1/models` is a 404). */
export default definePlugin({
  name: 'iflow',
  title: 'iFlow',
  models,
  // IFLOW_API_KEY: anomalyco/models.dev, providers/iflowcn/provider.toml.
  auth: [apiKey({ env: ['IFLOW_API_KEY'] }), iflowLogin],
  translator,
  executor,
})
