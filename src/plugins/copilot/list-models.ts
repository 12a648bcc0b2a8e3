import { z } from 'zod'
import { fetchModelList, openaiChat } from '../../index.ts'
import type { ListModels, ModelInfo } from '../../index.ts'
import { readError } from './error.ts'
import { baseOf, headersOf } from './executor.ts'

const count = z.number().int().positive().optional().catch(undefined)
const flag = z.boolean().optional().catch(undefined)

/**
 * One model of `GET /models`.
 *
 * Source: anomalyco/opencode, packages/opencode/src/plugin/github-copilot/models.ts.
 */
const modelSchema = z.looseObject({
  id: z.string().min(1),
  supported_endpoints: z.array(z.string()).optional().catch(undefined),
  policy: z.looseObject({ state: z.string().optional() }).optional().catch(undefined),
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

function infoOf({ id, capabilities, supported_endpoints: endpoints }: z.output<typeof modelSchema>): ModelInfo {
  const { limits = {}, supports } = capabilities ?? {}
  const info: ModelInfo = { id }
  const context = limits.max_context_window_tokens ?? limits.max_prompt_tokens
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
