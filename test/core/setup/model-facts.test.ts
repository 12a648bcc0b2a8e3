import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { ModelInfo } from '../../../src/core/plugin/plugin.ts'
import { tools } from '../../../src/core/setup/tools.ts'

const k2: ModelInfo = {
  id: 'k2.6',
  contextWindow: 262_144,
  maxOutputTokens: 65_536,
  capabilities: { vision: true, tools: true, reasoning: true },
}

/** What a tool's first file is, for a model of which that is known. */
function written(tool: string, info: ModelInfo | undefined, model = 'kimi/k2.6'): string {
  const [file] = tools.find(({ name }) => name === tool)?.files ?? []
  const facts = { origin: 'http://localhost:8018', key: 'byok-local', model, modelGiven: true, ...(info && { info }) }
  return file?.edit('', facts) ?? ''
}

describe('the settings of a tool', () => {
  it("tell pi of a model's window, of images and of thinking", () => {
    expect(JSON.parse(written('pi', k2))).toMatchObject({
      providers: {
        byok: {
          models: [
            {
              id: 'kimi/k2.6',
              contextWindow: 262_144,
              maxTokens: 65_536,
              reasoning: true,
              input: ['text', 'image'],
            },
          ],
        },
      },
    })
    expect(JSON.parse(written('pi', undefined))).toMatchObject({
      providers: { byok: { models: [{ id: 'kimi/k2.6' }] } },
    })
  })

  it('tell pi a key as it is, whatever is in it', () => {
    const [file] = tools.find(({ name }) => name === 'pi')?.files ?? []
    const facts = { origin: 'http://localhost:8018', key: '!a$b$$', model: 'm', modelGiven: true }
    expect(JSON.parse(file?.edit('', facts) ?? '')).toMatchObject({ providers: { byok: { apiKey: '$!a$$b$$$$' } } })
  })

  it("tell opencode of a model's window and of images", () => {
    expect(JSON.parse(written('opencode', k2))).toMatchObject({
      provider: {
        byok: {
          models: {
            'kimi/k2.6': {
              limit: { context: 262_144, output: 65_536 },
              reasoning: true,
              attachment: true,
              modalities: { input: ['text', 'image'], output: ['text'] },
            },
          },
        },
      },
    })
    const { provider } = JSON.parse(written('opencode', { id: 'm', contextWindow: 8192 }))
    expect(provider.byok.models).toEqual({ 'kimi/k2.6': { name: 'kimi/k2.6' } })
  })

  it('tell droid of a model beside its own, and have Claude asked as Anthropic', () => {
    const [file] = tools.find(({ name }) => name === 'droid')?.files ?? []
    const facts = { origin: 'http://localhost:8018', key: 'any', modelGiven: true }
    const own = { model: 'qwen3', displayName: 'Mine', baseUrl: 'http://localhost:1', apiKey: 'x', provider: 'openai' }
    const once = file?.edit(JSON.stringify({ customModels: [own] }), { ...facts, model: 'kimi/k2.6', info: k2 }) ?? ''
    const mine = { apiKey: 'any', baseUrl: 'http://localhost:8018/v1', model: 'kimi/k2.6', provider: 'openai' }
    const limits = { maxContextLimit: 262_144, maxOutputTokens: 65_536 }
    expect(JSON.parse(once)).toEqual({ customModels: [own, { ...mine, ...limits, displayName: 'kimi/k2.6 (byok)' }] })
    const model = 'copilot/claude-sonnet-4.6'
    const claude = { ...mine, model, baseUrl: 'http://localhost:8018', provider: 'anthropic' }
    expect(JSON.parse(file?.edit(once, { ...facts, model }) ?? '')).toEqual({
      customModels: [own, { ...claude, displayName: `${model} (byok)` }],
    })
  })

  it("tell Copilot CLI of a model's window, which it divides", () => {
    const notes = (info: ModelInfo) =>
      tools
        .find(({ name }) => name === 'copilot-cli')
        ?.notes({ origin: 'http://localhost:8018', key: 'any', model: 'k', modelGiven: true, info })
    expect(notes(k2)).toEqual(expect.arrayContaining(['  COPILOT_PROVIDER_MAX_PROMPT_TOKENS=196608']))
    expect(String(notes({ id: 'k' }))).not.toContain('TOKENS')
  })

  it("tell Claude Code of a model's window, but of Claude's own", () => {
    const envFor = (info: ModelInfo | undefined, model?: string): unknown =>
      JSON.parse(written('claude-code', info, model)).env
    expect(envFor(k2)).toMatchObject({ ANTHROPIC_MODEL: 'kimi/k2.6', CLAUDE_CODE_MAX_CONTEXT_TOKENS: '262144' })
    for (const env of [envFor({ id: 'm' }), envFor(undefined), envFor(k2, 'copilot/claude-sonnet-4.6')]) {
      expect(env).not.toHaveProperty('CLAUDE_CODE_MAX_CONTEXT_TOKENS')
    }
  })

  it('tell Zed of them', () => {
    const modelFor = (info: ModelInfo | undefined): unknown =>
      JSON.parse(written('zed', info)).language_models.openai_compatible.byok.available_models[0]
    expect(modelFor(k2)).toEqual({
      name: 'kimi/k2.6',
      display_name: 'kimi/k2.6',
      max_tokens: 262_144,
      capabilities: { tools: true, images: true, parallel_tool_calls: false, prompt_cache_key: false },
    })
    expect(modelFor(undefined)).toEqual({ name: 'kimi/k2.6', display_name: 'kimi/k2.6', max_tokens: 200_000 })
  })

  it('tell Continue of them, and of tools', () => {
    const modelFor = (info: ModelInfo | undefined): unknown => parse(written('continue', info)).models[0]
    expect(modelFor(k2)).toMatchObject({
      defaultCompletionOptions: { contextLength: 262_144, maxTokens: 65_536 },
      capabilities: ['tool_use', 'image_input'],
    })
    expect(modelFor({ ...k2, contextWindow: 131_072, capabilities: { tools: true } })).toMatchObject({
      defaultCompletionOptions: { contextLength: 131_072, maxTokens: 32_768 },
      capabilities: ['tool_use'],
    })
    expect(Object.keys(modelFor({ id: 'm' }) as object)).toEqual(Object.keys(modelFor(undefined) as object))
  })

  it('tell Codex of the window of a model that it does not know', () => {
    expect(written('codex', k2)).toContain('\nmodel_context_window = 262144\n')
    expect(written('codex', k2, 'codex/gpt-6-sol')).not.toContain('model_context_window')
    expect(written('codex', undefined)).not.toContain('model_context_window')
  })
})
