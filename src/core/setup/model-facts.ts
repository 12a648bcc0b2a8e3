import type { ModelInfo } from '../plugin/plugin.ts'
import type { JsonObject } from '../json/json.ts'

/*
 * What tools are told of a model that they do not know by its name, in each one's words. Untold, they take it for less than it is, or for
 * more: their words here are for what byok knows.
 */

/**
 * Untold, opencode never shortens a conversation, and keeps images from the model: "Cannot read image (this model does not support image
 * input)". It takes a window and the most that is written together alone.
 *
 * anomalyco/opencode packages/opencode/src/provider/provider.ts (what a model of config's is made of), session/overflow.ts,
 * provider/transform.ts (`unsupportedParts`); opencode.ai/docs/models.
 */
export function forOpencode({ contextWindow: context, maxOutputTokens: output, capabilities }: ModelInfo): JsonObject {
  return {
    ...(context !== undefined && output !== undefined && { limit: { context, output } }),
    ...(capabilities?.reasoning === true && { reasoning: true }),
    ...(capabilities?.vision === true && {
      attachment: true,
      modalities: { input: ['text', 'image'], output: ['text'] },
    }),
  }
}

/**
 * Untold, pi takes a model for one of 128000 tokens that writes 16384, thinks never, and sees no images.
 *
 * earendil-works/pi packages/coding-agent/docs/models-configuration.md, "Models".
 */
export function forPi({ contextWindow, maxOutputTokens: maxTokens, capabilities }: ModelInfo): JsonObject {
  return {
    ...(contextWindow !== undefined && { contextWindow }),
    ...(maxTokens !== undefined && { maxTokens }),
    ...(capabilities?.reasoning === true && { reasoning: true }),
    ...(capabilities?.vision === true && { input: ['text', 'image'] }),
  }
}

/** Of the window Zed has to be told. */
const USUAL_WINDOW = 200_000

/**
 * Untold, Zed lets no image be attached. It wants all of a model's capabilities or none: the others are as it has them by itself.
 *
 * zed-industries/zed crates/settings_content/src/language_model.rs, `OpenAiCompatibleModelCapabilities`.
 */
export function forZed({ contextWindow, capabilities }: ModelInfo): JsonObject {
  return {
    max_tokens: contextWindow ?? USUAL_WINDOW,
    ...(capabilities?.vision === true && {
      capabilities: { tools: true, images: true, parallel_tool_calls: false, prompt_cache_key: false },
    }),
  }
}

/**
 * Untold, Continue takes a model for one of 32768 tokens and cuts each conversation down to them, lets it write 4096, and gives it no
 * tools. The most that is written is a quarter of the window at most, as it has it itself. What its list of capabilities lacks it takes
 * for missing.
 *
 * continuedev/continue core/llm/constants.ts, core/llm/index.ts (`BaseLLM`), core/llm/toolSupport.ts, core/config/yaml/models.ts.
 */
export function forContinue({ contextWindow: context, maxOutputTokens: output, capabilities }: ModelInfo): JsonObject {
  return {
    ...(context !== undefined && {
      defaultCompletionOptions: {
        contextLength: context,
        ...(output !== undefined && { maxTokens: Math.min(output, Math.floor(context / 4)) }),
      },
    }),
    ...(capabilities?.tools === true && {
      capabilities: ['tool_use', ...(capabilities.vision === true ? ['image_input'] : [])],
    }),
  }
}

/**
 * Untold, Codex takes a model for one of 272000 tokens, and shortens no conversation before. Those of OpenAI it knows.
 *
 * openai/codex codex-rs/models-manager/src/model_info.rs, `model_info_from_slug`; `model_context_window` of its config.
 */
export function forCodex(model: string, { contextWindow }: ModelInfo): Record<string, number> {
  if (contextWindow === undefined || /(?:^|\/)(?:gpt-|codex-|o\d)/.test(model)) return {}
  return { model_context_window: contextWindow }
}
