import { apiKey, definePlugin } from '../../index.ts'
import { qwenLogin } from './auth.ts'
import { endpoints, executor, listModels } from './executor.ts'
import { models } from './models.ts'
import { dashscope, portal } from './translator.ts'

/** Qwen: Alibaba's DashScope with a key, Qwen's portal with a login. */
export default definePlugin({
  name: 'qwen',
  title: 'Qwen',
  models,
  // DashScope's: text-embedding-v4 and those before.
  otherModels: ['text-embedding-v*'],
  // DASHSCOPE_API_KEY: anomalyco/models.dev, providers/alibaba/provider.toml.
  auth: [apiKey({ env: ['DASHSCOPE_API_KEY'] }), qwenLogin],
  translator: ({ credential }) => (credential.kind === 'oauth' ? portal : dashscope),
  executor,
  endpoints,
  listModels,
})
