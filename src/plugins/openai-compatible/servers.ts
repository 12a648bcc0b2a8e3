/** A server whose ways differ from what the rest of them take. */
export type Server = 'openrouter' | 'openai' | 'deepseek' | 'mistral' | 'groq' | 'xai' | 'ollama'

/** By the host of the base URL, with its port: Ollama's own is 11434. */
const HOSTS: readonly [RegExp, Server][] = [
  [/^openrouter\.ai$/, 'openrouter'],
  [/^api\.openai\.com$|\.(?:openai|services\.ai|cognitiveservices)\.azure\.com$/, 'openai'],
  [/(?:^|\.)deepseek\.com$/, 'deepseek'],
  [/(?:^|\.)mistral\.ai$/, 'mistral'],
  [/^api\.groq\.com$/, 'groq'],
  [/(?:^|\.)x\.ai$/, 'xai'],
  [/:11434$|(?:^|\.)ollama\.com$/, 'ollama'],
]

/** The server at a base URL; `undefined` for one that is not known, such as vLLM or LM Studio. */
export function serverAt(base: string | undefined): Server | undefined {
  if (base === undefined) return undefined
  const { host } = new URL(base)
  return HOSTS.find(([pattern]) => pattern.test(host))?.[1]
}
