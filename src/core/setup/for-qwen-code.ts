import { isObject, listOf } from '../json/json.ts'
import type { JsonObject } from '../json/json.ts'
import type { ModelInfo } from '../plugin/plugin.ts'
import type { SetupContext } from './tool.ts'

/** The variable that byok's models have their key from. */
export const QWEN_KEY = 'BYOK_API_KEY'

/** Qwen Code's models of OpenAI's protocol, byok's before those that are there: the first of a name is taken. */
export function withQwenModel({ modelProviders }: JsonObject, { origin, model, info }: SetupContext): unknown[] {
  const given: unknown = isObject(modelProviders) ? modelProviders['openai'] : undefined
  const mine = {
    id: model,
    name: `${model} (byok)`,
    baseUrl: `${origin}/v1`,
    envKey: QWEN_KEY,
    ...(info && factsOf(info)),
  }
  return [mine, ...listOf(given).filter((other) => !isObject(other) || other['envKey'] !== QWEN_KEY)]
}

/**
 * Untold, Qwen Code takes a model that it does not know by its name for one of a window of its own guess, and keeps images from it.
 *
 * QwenLM/qwen-code packages/core/src/core/tokenLimits.ts and modalityDefaults.ts; `MODEL_GENERATION_CONFIG_FIELDS`.
 */
function factsOf({ contextWindow, capabilities }: ModelInfo): JsonObject {
  const generationConfig = {
    ...(contextWindow !== undefined && { contextWindowSize: contextWindow }),
    ...(capabilities?.vision === true && { modalities: { image: true } }),
  }
  return Object.keys(generationConfig).length > 0 ? { generationConfig } : {}
}
