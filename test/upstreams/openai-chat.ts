import { startFakeProvider } from '../../src/testing/fake-server.ts'
import type { FakeProvider, RecordedRequest, Reply } from '../../src/testing/fake-server.ts'
import { checkBearer, checkChatRequest } from './openai-chat-check.ts'
import type { OpenAIChatDialect, WireObject } from './openai-chat-check.ts'
import { badRequest, failureOf, sendError, vendorHeaders } from './openai-chat-failures.ts'
import { answerChat } from './openai-chat-render.ts'
import { answerAudio } from './openai-audio.ts'
import { answerImages } from './openai-images.ts'

export { checkBearer, checkChatRequest, checkTier, checkUser } from './openai-chat-check.ts'
export type { OpenAIChatDialect, WireObject } from './openai-chat-check.ts'
export { badRequest, failureOf, sendError, vendorHeaders } from './openai-chat-failures.ts'
export type { VendorError } from './openai-chat-failures.ts'
export { answerChat, Renderer, streamChunks } from './openai-chat-render.ts'

export interface OpenAIChatFakeOptions {
  /** The one key that is good. Default: `sk-test`. */
  key?: string
  /** The models there are. Default: a few, and every other name is taken for a good one too. */
  models?: string[]
  /** For servers that follow OpenAI's format. */
  dialect?: OpenAIChatDialect
  /** A vendor's further checks, before OpenAI's: headers and the like. */
  check?(request: RecordedRequest): ReturnType<typeof checkBearer>
}

const MODELS = ['gpt-4o', 'gpt-4o-mini', 'o3', 'o4-mini']

/**
 * OpenAI's `POST /v1/chat/completions`, its images, `GET /v1/models` and `GET /v1/models/{id}`. Its `url` ends in `/v1`, as the
 * vendor's own SDK takes it.
 */
export async function startOpenAIChat(options: OpenAIChatFakeOptions = {}): Promise<FakeProvider> {
  const { key = 'sk-test', dialect = {} } = options
  return await startFakeProvider(async (request, reply, next) => {
    const fault = checkBearer(request, key) ?? options.check?.(request)
    if (fault) return sendError(reply, fault)
    if (request.path.startsWith('/v1/models')) return answerModels(request, reply, options.models ?? MODELS)
    if (await answerImages(request, reply, next, '/v1')) return
    if (await answerAudio(request, reply, next)) return
    if (request.path !== '/v1/chat/completions') {
      const unknown = badRequest(`Invalid URL (${request.method} ${request.path})`)
      return sendError(reply, { ...unknown, status: 404 })
    }
    if (request.method !== 'POST') {
      const wrong = badRequest(`Not allowed to ${request.method} on ${request.path}.`, null, 'method_not_supported')
      return sendError(reply, { ...wrong, status: 405 })
    }
    const bad = checkChatRequest(request, dialect)
    if (bad) return sendError(reply, bad)
    const body = request.json as WireObject
    if (options.models && !options.models.includes(body.model)) {
      return sendError(reply, failureOf({ kind: 'not_found' }, body.model))
    }
    await answerChat(body, reply, next(), dialect)
  }, '/v1')
}

function answerModels(request: RecordedRequest, reply: Reply, models: string[]): void {
  const data = models.map((id) => ({ id, object: 'model', created: 1_686_935_002, owned_by: 'openai' }))
  const id = decodeURIComponent(request.path.slice('/v1/models/'.length))
  if (id === '') return reply.json(200, { object: 'list', data }, vendorHeaders())
  const model = data.find((entry) => entry.id === id)
  if (model) return reply.json(200, model, vendorHeaders())
  return sendError(reply, failureOf({ kind: 'not_found' }, id))
}
