import { apiKey } from '../../core/auth/method.ts'
import { definePlugin } from '../../core/plugin.ts'
import { openaiChat } from '../../core/protocols/openai-chat/index.ts'
import { executor } from './executor.ts'
import { models } from './models.ts'

/** OpenAI, with an API key. */
export default definePlugin({
  name: 'codex',
  title: 'OpenAI',
  models,
  auth: [apiKey({ env: ['OPENAI_API_KEY'] })],
  translator: openaiChat(),
  executor,
})
