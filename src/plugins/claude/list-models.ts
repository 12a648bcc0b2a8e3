import { z } from 'zod'
import type { ListModels, ModelInfo } from '../../index.ts'
import { models } from './models.ts'
import { headersOf, urlOf } from './request.ts'

const supported = z.object({ supported: z.boolean() }).nullish()

/** `ModelInfo` in @anthropic-ai/sdk resources/models.d.ts, as far as it is read. */
const pageSchema = z.object({
  data: z.array(
    z.object({
      id: z.string().min(1),
      created_at: z.string().nullish(),
      max_input_tokens: z.number().int().positive().nullish(),
      max_tokens: z.number().int().positive().nullish(),
      lifecycle: z.string().nullish(),
      retires_at: z.iso.datetime({ offset: true }).nullish().catch(undefined),
      capabilities: z.object({ image_input: supported, thinking: supported }).nullish(),
    }),
  ),
})

type Listed = z.infer<typeof pageSchema>['data'][number]

/** Anthropic's own list, `GET /v1/models`: 1000 is the most it gives at once, and far more than there are. */
export const listModels: ListModels = async ({ credential, config, fetch }) => {
  const response = await fetch(urlOf('/v1/models?limit=1000', credential, config), { headers: headersOf(credential) })
  if (!response.ok) throw new Error(`Anthropic's list of models answered with status ${response.status}`)
  const { data } = pageSchema.parse(await response.json())
  return data.filter(({ lifecycle }) => lifecycle !== 'retired').map(read)
}

function read({ id, created_at, max_input_tokens, max_tokens, retires_at, capabilities }: Listed): ModelInfo {
  const known = models.find((model) => model.id === id || model.aliases?.includes(id))
  const info: ModelInfo = { id: known?.id ?? id }
  const created = Date.parse(created_at ?? '') / 1000
  if (created > 0) info.created = created
  if (max_input_tokens) info.contextWindow = max_input_tokens
  if (max_tokens) info.maxOutputTokens = max_tokens
  if (retires_at) info.shutdownDate = retires_at.slice(0, 'YYYY-MM-DD'.length)
  if (capabilities) {
    const { image_input: vision, thinking } = capabilities
    info.capabilities = {
      tools: true,
      ...(vision && { vision: vision.supported }),
      ...(thinking && { reasoning: thinking.supported }),
    }
  }
  return info
}
