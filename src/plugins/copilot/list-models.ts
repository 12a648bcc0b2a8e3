import { z } from 'zod'
import { fetchModelList, openaiChat } from '../../index.ts'
import type { ListModels, ModelInfo } from '../../index.ts'
import { readError } from './error.ts'
import { baseOf, headersOf } from './executor.ts'

const count = z.number().int().positive().optional().catch(undefined)
const flag = z.boolean().optional().catch(undefined)
const price = z.number().optional().catch(undefined)
const tier = z.looseObject({ input_price: price, output_price: price, context_max: count }).optional().catch(undefined)

/**
 * One model of `GET /models`.
 *
 * Sources: anomalyco/opencode, packages/opencode/src/plugin/github-copilot/models.ts; microsoft/vscode,
 * extensions/copilot/src/platform/endpoint/common/endpointProvider.ts, `IModelTokenPriceTier`.
 */
const modelSchema = z.looseObject({
  id: z.string().min(1),
  supported_endpoints: z.array(z.string()).optional().catch(undefined),
  policy: z.looseObject({ state: z.string().optional() }).optional().catch(undefined),
  billing: z
    .looseObject({
      token_prices: z.looseObject({ default: tier, long_context: tier }).optional().catch(undefined),
    })
    .optional()
    .catch(undefined),
  capabilities: z
    .looseObject({
      type: z.string().optional().catch(undefined),
      limits: z
        .looseObject({ max_context_window_tokens: count, max_prompt_tokens: count, max_output_tokens: count })
        .optional()
        .catch(undefined),
      supports: z
        .looseObject({
          vision: flag,
          tool_calls: flag,
          adaptive_thinking: flag,
          max_thinking_budget: count,
          reasoning_effort: z.array(z.string()).optional().catch(undefined),
        })
        .optional()
        .catch(undefined),
    })
    .optional()
    .catch(undefined),
})

const translator = openaiChat({ error: readError })

/** The models of the person's plan that chat and are not switched off by its policy. */
export const listModels: ListModels = async (context) => {
  const body = await fetchModelList(context, {
    url: `${baseOf(context)}/models`,
    headers: headersOf(context),
    translator,
  })
  const { data } = z.looseObject({ data: z.array(z.unknown()) }).parse(body)
  return data.flatMap((entry) => {
    const { data: model } = modelSchema.safeParse(entry)
    if (!model || model.policy?.state === 'disabled') return []
    return (model.capabilities?.type ?? 'chat') === 'chat' ? [infoOf(model)] : []
  })
}

type ListedModel = z.output<typeof modelSchema>

/**
 * The window within which each token costs the same. Copilot takes longer prompts of many models, and those are dearer as a whole:
 * whoever wants them says so in config. `context_max` is the longest prompt at a price (microsoft/vscode,
 * extensions/copilot/src/platform/networking/common/networking.ts, `ITokenPriceTier`).
 */
function windowOf({ billing, capabilities }: ListedModel): number | undefined {
  const limits = capabilities?.limits ?? {}
  const { default: plain, long_context: long } = billing?.token_prices ?? {}
  const isDearer = isMore(long?.input_price, plain?.input_price) || isMore(long?.output_price, plain?.output_price)
  if (isDearer && plain?.context_max !== undefined) return plain.context_max + (limits.max_output_tokens ?? 0)
  return limits.max_context_window_tokens ?? limits.max_prompt_tokens
}

function isMore(one = 0, other = 0): boolean {
  return one > other
}

function infoOf(model: ListedModel): ModelInfo {
  const { id, capabilities, supported_endpoints: endpoints } = model
  const { limits = {}, supports } = capabilities ?? {}
  const info: ModelInfo = { id }
  const context = windowOf(model)
  if (context !== undefined) info.contextWindow = context
  if (limits.max_output_tokens !== undefined) info.maxOutputTokens = limits.max_output_tokens
  if (endpoints) info.endpoints = endpoints
  if (supports) {
    const {
      adaptive_thinking: adaptive = false,
      max_thinking_budget: budget,
      reasoning_effort: efforts = [],
    } = supports
    info.capabilities = {
      vision: supports.vision ?? false,
      tools: supports.tool_calls ?? false,
      reasoning: adaptive || budget !== undefined || efforts.length > 0,
    }
  }
  return info
}
