/*
 * `gen_ai.provider.name`: where one of the well-known values applies it must be used, and other providers go by their own names
 * (open-telemetry/semantic-conventions-genai docs/gen-ai/gen-ai-spans.md). Of Google's, it tells by the host which is which.
 */

/** By the end of the host that is asked, the longer ones first. */
const BY_HOST: [string, string][] = [
  ['generativelanguage.googleapis.com', 'gcp.gemini'],
  ['aiplatform.googleapis.com', 'gcp.vertex_ai'],
  ['googleapis.com', 'gcp.gen_ai'],
  ['openai.azure.com', 'azure.ai.openai'],
  ['openai.com', 'openai'],
  ['chatgpt.com', 'openai'],
  ['anthropic.com', 'anthropic'],
  ['moonshot.ai', 'moonshot_ai'],
  ['moonshot.cn', 'moonshot_ai'],
  ['kimi.com', 'moonshot_ai'],
  ['mistral.ai', 'mistral_ai'],
  ['x.ai', 'x_ai'],
  ['groq.com', 'groq'],
  ['deepseek.com', 'deepseek'],
  ['perplexity.ai', 'perplexity'],
  ['cohere.com', 'cohere'],
  ['cohere.ai', 'cohere'],
]

/** By what config calls them, where the host tells nothing: a proxy of somebody's, say. */
const BY_NAME = new Map([
  ['claude', 'anthropic'],
  ['codex', 'openai'],
  ['gemini', 'gcp.gemini'],
  ['antigravity', 'gcp.gen_ai'],
  ['kimi', 'moonshot_ai'],
  ['mistral', 'mistral_ai'],
  ['xai', 'x_ai'],
])

/** @param host the one that is asked */
export function providerName(provider: string, host: string | undefined): string {
  const known = host === undefined ? undefined : BY_HOST.find(([end]) => host === end || isBelow(host, end))
  return known?.[1] ?? BY_NAME.get(provider) ?? provider
}

/** Vertex AI has its regions before its name: `us-east1-aiplatform.googleapis.com`. */
function isBelow(host: string, end: string): boolean {
  return host.endsWith(`.${end}`) || (end === 'aiplatform.googleapis.com' && host.endsWith(`-${end}`))
}
