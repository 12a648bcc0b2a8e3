import { apiKey, definePlugin } from '../../index.ts'
import { codexLogin } from './auth.ts'
import { endpoints, executor } from './executor.ts'
import { listModels, otherModels } from './list-models.ts'
import { models } from './models.ts'
import { pickTranslator } from './translator.ts'

/** OpenAI: its API with a key, ChatGPT's Codex backend with a login. */
export default definePlugin({
  name: 'codex',
  title: 'OpenAI',
  models,
  listModels,
  auth: [apiKey({ env: ['OPENAI_API_KEY'] }), codexLogin],
  translator: pickTranslator,
  executor,
  endpoints,
  otherModels,
})
