import { z } from 'zod'
import type { ListModels, ModelInfo } from '../../index.ts'
import { baseOf, headersOf } from './executor.ts'
import { models } from './models.ts'

const count = z.number().int().positive().optional().catch(undefined)

/** `GET /v1beta/models`: ai.google.dev/api/models#Model, as far as it is read. */
const pageSchema = z.looseObject({
  models: z
    .array(
      z.looseObject({
        name: z.string().min(1),
        inputTokenLimit: count,
        outputTokenLimit: count,
        supportedGenerationMethods: z.array(z.string()).optional().catch(undefined),
        thinking: z.boolean().optional().catch(undefined),
      }),
    )
    .default([]),
  nextPageToken: z.string().optional(),
})

/** What the API may do besides chats: it lists models for speech, images and embeddings too. */
const OTHER_USES = /embedding|aqa|imagen|veo|lyria|tts|native-audio|live|robotics|computer-use/

/** 1000 is the most the API gives at once; more pages are asked for as long as there are any. */
const MOST_PAGES = 10

/** The Gemini API's own list. Code Assist has none. */
export const listModels: ListModels = async ({ credential, config, fetch }) => {
  if (credential.kind === 'oauth') return []
  const found: ModelInfo[] = []
  let page = ''
  for (let pages = 0; pages < MOST_PAGES; pages++) {
    const response = await fetch(`${baseOf({ credential, config })}/v1beta/models?pageSize=1000${page}`, {
      headers: headersOf({ credential, config }),
    })
    if (!response.ok) throw new Error(`Gemini's list of models answered with status ${response.status}`)
    const { models: listed, nextPageToken } = pageSchema.parse(await response.json())
    found.push(...listed.flatMap(read))
    if (!nextPageToken) break
    page = `&pageToken=${encodeURIComponent(nextPageToken)}`
  }
  return found
}

type Listed = z.infer<typeof pageSchema>['models'][number]

function read({ name, inputTokenLimit, outputTokenLimit, supportedGenerationMethods, thinking }: Listed): ModelInfo[] {
  const id = name.replace(/^models\//, '')
  if (supportedGenerationMethods?.includes('generateContent') === false || OTHER_USES.test(id)) return []
  const info: ModelInfo = { id, credential: models.find((model) => model.id === id)?.credential }
  if (inputTokenLimit !== undefined) info.contextWindow = inputTokenLimit
  if (outputTokenLimit !== undefined) info.maxOutputTokens = outputTokenLimit
  if (thinking !== undefined) info.capabilities = { reasoning: thinking }
  return [info]
}
