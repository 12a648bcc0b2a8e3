import { baseUrlSetting, tokenOf } from '../auth/credential.ts'
import { z } from 'zod'
import { errorOfResponse } from '../upstream/error.ts'
import type { ListModelsContext, ModelInfo } from '../plugin/plugin.ts'
import { refuseErrorInPlace } from '../protocols/openai-chat/read-error.ts'
import { readJson } from '../upstream/body.ts'
import type { Translator } from '../translator/translator.ts'

/** A list of thousands of models, such as OpenRouter's, is about a megabyte. */
const MAX_LIST_BYTES = 16 * 1024 * 1024

const count = z.number().int().positive().optional().catch(undefined)
const words = z.array(z.string()).optional().catch(undefined)

/**
 * One model of `GET /models`, as OpenAI has it and as its followers add to it:
 * - OpenRouter: `context_length`, `top_provider.max_completion_tokens`, `architecture.input_modalities`,
 *   `supported_parameters` (https://openrouter.ai/docs/api-reference/list-available-models);
 * - vLLM: `max_model_len` (vllm-project/vllm, entrypoints/openai/protocol.py, `ModelCard`);
 * - Kimi: `context_length`, `supports_reasoning`, `supports_image_in` (MoonshotAI/kimi-cli,
 *   src/kimi_cli/auth/platforms.py, `list_models`);
 * - OpenAI itself, of late: `shutdown_date` (openai-node 7 resources/models.d.ts, `Model`).
 */
const modelSchema = z.looseObject({
  id: z.string().min(1),
  created: count,
  shutdown_date: z.iso.date().optional().catch(undefined),
  context_length: count,
  max_model_len: count,
  max_completion_tokens: count,
  supports_reasoning: z.boolean().optional().catch(undefined),
  supports_image_in: z.boolean().optional().catch(undefined),
  supported_parameters: words,
  top_provider: z.looseObject({ max_completion_tokens: count }).optional().catch(undefined),
  architecture: z.looseObject({ input_modalities: words }).optional().catch(undefined),
})

const listSchema = z.looseObject({ data: z.array(z.unknown()) })

/** The models of an answer to `GET /models`. Entries without an id are left out. */
export function readOpenAIModels(body: unknown): ModelInfo[] {
  return listSchema.parse(body).data.flatMap((entry) => {
    const parsed = modelSchema.safeParse(entry)
    return parsed.success ? [infoOf(parsed.data)] : []
  })
}

function infoOf(model: z.output<typeof modelSchema>): ModelInfo {
  const info: ModelInfo = { id: model.id }
  const context = model.context_length ?? model.max_model_len
  const output = model.top_provider?.max_completion_tokens ?? model.max_completion_tokens
  const parameters = model.supported_parameters
  const vision = model.supports_image_in ?? model.architecture?.input_modalities?.includes('image')
  const reasoning = model.supports_reasoning ?? parameters?.includes('reasoning')
  const tools = parameters?.includes('tools')
  if (context !== undefined) info.contextWindow = context
  if (output !== undefined) info.maxOutputTokens = output
  if (model.created !== undefined) info.created = model.created
  if (model.shutdown_date !== undefined) info.shutdownDate = model.shutdown_date
  const known = Object.entries({ vision, tools, reasoning }).filter(([, value]) => value !== undefined)
  if (known.length > 0) info.capabilities = Object.fromEntries(known)
  return info
}

/** What {@link fetchModelList} asks. */
export interface ModelListRequest {
  url: string
  headers?: Record<string, string>
  /** Reads the provider's errors. */
  translator: Translator
}

/**
 * Asks for a list of models and resolves with the JSON of the answer.
 * @throws {ChatError} as the provider's error says, or where the answer is no JSON.
 */
export async function fetchModelList(
  { provider, credential, config, fetch }: ListModelsContext,
  { url, headers = {}, translator }: ModelListRequest,
): Promise<unknown> {
  const response = await fetch(url, { headers: { accept: 'application/json', ...headers } })
  if (!response.ok) {
    throw await errorOfResponse(response, {
      provider,
      title: provider,
      translator,
      secrets: [tokenOf(credential)],
      setting: baseUrlSetting(provider, credential, config),
    })
  }
  const { value } = await readJson(response, MAX_LIST_BYTES, provider)
  refuseErrorInPlace(value, { translator, response, provider })
  return value
}
