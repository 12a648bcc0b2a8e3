import type { LanguageModelV3CallOptions } from '@ai-sdk/provider'
import { z } from 'zod'
import { invalidRequest } from '../chat/index.ts'
import type { ChatRequest, ReasoningOptions } from '../chat/index.ts'

/** What `providerOptions.byok` may say: what the SDK has no word of its own for. */
const optionsSchema = z.strictObject({
  reasoning: z.strictObject({ effort: z.string(), budgetTokens: z.number(), summary: z.string() }).partial().optional(),
  verbosity: z.string().optional(),
  parallelToolCalls: z.boolean().optional(),
  user: z.string().optional(),
  metadata: z.record(z.string(), z.unknown()).optional(),
  serviceTier: z.string().optional(),
  promptCacheKey: z.string().optional(),
  store: z.boolean().optional(),
  /** Whether a schema of the answer is held to the letter. Default true, as in the SDK's own providers. */
  strictJsonSchema: z.boolean().optional(),
  /** Fields of the provider's own, by their wire name. */
  extra: z.record(z.string(), z.unknown()).optional(),
})

export type CallProviderOptions = z.output<typeof optionsSchema>

/** The same of a call for embeddings. */
const embeddingSchema = z.strictObject({
  dimensions: z.number().optional(),
  user: z.string().optional(),
  /** Fields of the provider's own, by their wire name. */
  extra: z.record(z.string(), z.unknown()).optional(),
})

/** The same of a call for images: OpenAI's fields by their wire names (openai-node src/resources/images.ts, `ImageEditParamsBase`). */
const imageSchema = z.strictObject({
  quality: z.string().optional(),
  background: z.string().optional(),
  moderation: z.string().optional(),
  output_format: z.string().optional(),
  output_compression: z.number().optional(),
  input_fidelity: z.string().optional(),
  response_format: z.string().optional(),
  style: z.string().optional(),
  user: z.string().optional(),
  /** Fields of the provider's own, by their wire name. */
  extra: z.record(z.string(), z.unknown()).optional(),
})

/** The same of a call for speech (openai-node src/resources/audio/speech.ts). */
const speechSchema = z.strictObject({
  /** Fields of the provider's own, by their wire name. */
  extra: z.record(z.string(), z.unknown()).optional(),
})

/** The same of a call for a transcription (openai-node src/resources/audio/transcriptions.ts, `TranscriptionCreateParamsBase`). */
const transcriptionSchema = z.strictObject({
  language: z.string().optional(),
  prompt: z.string().optional(),
  temperature: z.number().optional(),
  response_format: z.enum(['json', 'verbose_json']).optional(),
  /** Fields of the provider's own, by their wire name. */
  extra: z.record(z.string(), z.unknown()).optional(),
})

/**
 * The call's options for byok. How hard to think is also read from where the SDK's own providers have it, so that a program
 * can change to byok as it is: `openai.reasoningEffort` and `anthropic.thinking.budgetTokens`.
 *
 * AI SDK 7's own `reasoning` counts where none of these says how hard, as in the SDK's own providers
 * (`isCustomReasoning(reasoning)` in @ai-sdk/openai).
 *
 * @throws {ChatError} 400 naming an option that is not byok's.
 */
export function readOptions(
  { byok = {}, openai, anthropic }: Given = {},
  effort: string = PROVIDER_DEFAULT,
): CallProviderOptions {
  const own = ownOptions(optionsSchema, byok)
  const { thinking } = anthropic ?? {}
  const reasoning: ReasoningOptions = {
    ...(typeof openai?.['reasoningEffort'] === 'string' && { effort: openai['reasoningEffort'] }),
    ...(hasBudget(thinking) && { budgetTokens: thinking.budgetTokens }),
    ...own.reasoning,
  }
  const said = reasoning.effort !== undefined || reasoning.budgetTokens !== undefined
  if (!said && effort !== PROVIDER_DEFAULT) reasoning.effort = effort
  return { ...own, reasoning: Object.keys(reasoning).length > 0 ? reasoning : undefined }
}

/**
 * The fields of a request for embeddings besides its texts. Those of @ai-sdk/openai are read where that has them, too: vectors of
 * another length would be wrong without a word.
 *
 * @throws {ChatError} 400 naming an option that is not byok's.
 */
export function embeddingFields({ byok = {}, openai = {} }: Given = {}): Record<string, unknown> {
  const { extra, ...own } = ownOptions(embeddingSchema, byok)
  const { dimensions, user } = { dimensions: openai['dimensions'], user: openai['user'], ...own }
  return { ...(dimensions !== undefined && { dimensions }), ...(user !== undefined && { user }), ...extra }
}

/**
 * The fields of a request for images besides what the SDK has words for.
 *
 * @throws {ChatError} 400 naming an option that is not byok's.
 */
export function imageFields({ byok = {} }: Given = {}): Record<string, unknown> {
  const { extra, ...own } = ownOptions(imageSchema, byok)
  return { ...own, ...extra }
}

/** As {@link imageFields}, of a request for speech. */
export function speechFields({ byok = {} }: Given = {}): Record<string, unknown> {
  return ownOptions(speechSchema, byok).extra ?? {}
}

/** As {@link imageFields}, of a request for a transcription, whose form has texts alone. */
export function transcriptionFields({ byok = {} }: Given = {}): Record<string, unknown> {
  const { extra, temperature, ...own } = ownOptions(transcriptionSchema, byok)
  return { ...own, ...(temperature !== undefined && { temperature: String(temperature) }), ...extra }
}

function ownOptions<Schema extends z.ZodType>(schema: Schema, byok: object): z.output<Schema> {
  const parsed = schema.safeParse(byok)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const names = ['providerOptions', 'byok', ...(issue?.path ?? []).map(String)]
  const param = [...names, ...(issue?.code === 'unrecognized_keys' ? issue.keys : [])].join('.')
  throw invalidRequest(`${param}: ${issue?.code === 'unrecognized_keys' ? 'unknown option' : issue?.message}.`, param)
}

/** The SDK's word for none. */
const PROVIDER_DEFAULT = 'provider-default'

type Given = LanguageModelV3CallOptions['providerOptions']

function hasBudget(thinking: unknown): thinking is { budgetTokens: number } {
  return (
    typeof thinking === 'object' &&
    thinking !== null &&
    'budgetTokens' in thinking &&
    typeof thinking.budgetTokens === 'number'
  )
}

/** The fields of the request that stand in `providerOptions.byok`. */
export function fieldsOf({ strictJsonSchema: _, ...fields }: CallProviderOptions): Partial<ChatRequest> {
  return fields
}
