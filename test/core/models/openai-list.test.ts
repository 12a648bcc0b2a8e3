import { expect, it } from 'vitest'
import { readOpenAIModels } from '../../../src/core/models/openai-list.ts'

it.each([
  ['OpenAI', { id: 'gpt-4o', object: 'model', created: 5, owned_by: 'x' }, { id: 'gpt-4o', created: 5 }],
  [
    'OpenAI, with its last day',
    { id: 'gpt-5', created: 5, shutdown_date: '2026-12-11' },
    { id: 'gpt-5', created: 5, shutdownDate: '2026-12-11' },
  ],
  ['OpenAI, without one', { id: 'gpt-9', shutdown_date: null }, { id: 'gpt-9' }],
  ['vLLM', { id: 'llama', max_model_len: 4096, created: 0 }, { id: 'llama', contextWindow: 4096 }],
  [
    'Kimi',
    { id: 'k', context_length: 9, supports_reasoning: true, supports_image_in: false },
    { id: 'k', contextWindow: 9, capabilities: { reasoning: true, vision: false } },
  ],
  [
    'OpenRouter',
    {
      id: 'v/m',
      context_length: 9,
      top_provider: { context_length: 9, max_completion_tokens: 4 },
      architecture: { input_modalities: ['text', 'image'] },
      supported_parameters: ['tools', 'temperature'],
    },
    {
      id: 'v/m',
      contextWindow: 9,
      maxOutputTokens: 4,
      capabilities: { vision: true, tools: true, reasoning: false },
    },
  ],
  ['one with odd facts', { id: 'odd', created: 'today', top_provider: 'none', context_length: null }, { id: 'odd' }],
])("reads a model of %s's", (_, entry, info) => {
  expect(readOpenAIModels({ data: [entry] })).toEqual([info])
})

it('leaves out what has no id, and refuses what is no list', () => {
  expect(readOpenAIModels({ data: [{ name: 'no id' }, 'text', { id: 'a' }] })).toEqual([{ id: 'a' }])
  expect(() => readOpenAIModels({ models: [] })).toThrow()
})
