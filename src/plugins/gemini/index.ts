import { apiKey, definePlugin } from '../../index.ts'
import { geminiLogin } from './auth.ts'
import { countTokens } from './count-tokens.ts'
import { endpoints, executor } from './executor.ts'
import { listModels } from './list-models.ts'
import { models } from './models.ts'
import { translator } from './translator.ts'

/** Google's Gemini: its API with a key, or Code Assist with a Google login. */
export default definePlugin({
  name: 'gemini',
  title: 'Gemini',
  models,
  // The variables @google/genai and gemini-cli read.
  auth: [apiKey({ env: ['GEMINI_API_KEY', 'GOOGLE_API_KEY'] }), geminiLogin],
  translator,
  executor,
  endpoints,
  listModels,
  countTokens,
  // ai.google.dev/gemini-api/docs/embeddings, …/docs/speech-generation.
  otherModels: ['gemini-embedding-*', 'gemini-*-tts'],
})
