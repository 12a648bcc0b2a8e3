import { definePlugin } from '../../index.ts'
import type { ProviderPlugin } from '../../index.ts'
import { openaiCompatible } from './provider.ts'

/**
 * Any further endpoint that speaks OpenAI's Chat Completions, from config alone:
 *
 * ```yaml
 * providers:
 *   openrouter: { type: openai-compatible, base_url: https://openrouter.ai/api/v1, api_key: … }
 *   ollama: { type: openai-compatible, base_url: http://localhost:11434/v1 }
 * ```
 */
export default definePlugin({
  name: 'openai-compatible',
  instance: (name: string): ProviderPlugin => openaiCompatible(name),
})

export { openaiCompatible }
