import { expect, it } from 'vitest'
import { providerName } from '../../../src/core/observe/provider-name.ts'

it.each([
  ['claude', 'api.anthropic.com', 'anthropic'],
  ['claude', '127.0.0.1', 'anthropic'],
  ['gemini', 'generativelanguage.googleapis.com', 'gcp.gemini'],
  ['gemini', 'cloudcode-pa.googleapis.com', 'gcp.gen_ai'],
  ['vertex', 'us-central1-aiplatform.googleapis.com', 'gcp.vertex_ai'],
  ['codex', 'chatgpt.com', 'openai'],
  ['work', 'mine.openai.azure.com', 'azure.ai.openai'],
  ['kimi', undefined, 'moonshot_ai'],
  ['grok', 'api.x.ai', 'x_ai'],
  ['mine', 'notx.ai', 'mine'],
  ['mistral', 'localhost', 'mistral_ai'],
  ['kiro', 'q.us-east-1.amazonaws.com', 'kiro'],
  ['constructor', undefined, 'constructor'],
])('%s at %s is %s to the conventions', (provider, host, name) => {
  expect(providerName(provider, host)).toBe(name)
})
