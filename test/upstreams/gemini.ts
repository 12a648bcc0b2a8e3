import { startFakeProvider } from '../../src/testing/fake-server.ts'
import type { FakeProvider, RecordedRequest, Reply } from '../../src/testing/fake-server.ts'
import { checkContent, checkJson } from './gemini-check.ts'
import { answerEmbedContent, answerEmbeddings, faultInEmbeddings } from './embeddings.ts'
import { badRequest, failureOf, sendError, vendorHeaders, wrongKey } from './gemini-failures.ts'
import type { GoogleError } from './gemini-failures.ts'
import { answerHeld, interact } from './gemini-interactions.ts'
import type { HeldInteractions } from './gemini-interactions.ts'
import { answerGemini } from './gemini-render.ts'
import type { Json } from './gemini-wire.ts'

export interface GeminiFakeOptions {
  /** The one key that is good. Default: `test-key`. */
  key?: string
  /** The models there are. Default: a few, and every other name is taken for a good one too. */
  models?: string[]
}

const MODELS = ['gemini-3.1-pro-preview', 'gemini-3-flash-preview', 'gemini-2.5-pro', 'gemini-2.5-flash']

const METHOD =
  /^\/v1beta\/models\/([^/:]+):(generateContent|streamGenerateContent|countTokens|embedContent|batchEmbedContents)$/

/**
 * The Gemini API: `POST /v1beta/models/{model}:generateContent`, `:streamGenerateContent`, `:countTokens` and the embeddings,
 * `POST /v1beta/interactions`, and `GET /v1beta/models`. Its `url` has no version, as the vendor's own SDK takes it.
 */
export async function startGemini({ key = 'test-key', models }: GeminiFakeOptions = {}): Promise<FakeProvider> {
  const held: HeldInteractions = new Map()
  return await startFakeProvider(async (request, reply, next) => {
    if (request.path === '/v1beta/openai/embeddings') return embed(request, reply, key)
    const fault = checkKey(request, key)
    if (fault) return sendError(reply, fault)
    if (request.method === 'POST' && request.path === '/v1beta/interactions')
      return interact(request, reply, next(), held)
    if (answerHeld(request, reply, held)) return
    if (request.method === 'GET' && request.path === '/v1beta/models') return listModels(reply, models ?? MODELS)
    const found = METHOD.exec(request.path)
    if (!found || request.method !== 'POST') {
      // Google's front end answers unknown paths with a page.
      return reply.send(404, '<!DOCTYPE html><title>Error 404 (Not Found)!!1</title>', { 'content-type': 'text/html' })
    }
    const [, model = '', method = ''] = found
    if (models && !models.includes(model)) return sendError(reply, failureOf({ kind: 'not_found' }, model))
    const body = request.json as Json
    if (method === 'countTokens') {
      return reply.json(200, { totalTokens: 9, promptTokensDetails: [{ modality: 'TEXT', tokenCount: 9 }] })
    }
    if (method === 'embedContent' || method === 'batchEmbedContents') {
      return answerEmbedContent(body, model, method, reply, (fault) => sendError(reply, badRequest(fault)))
    }
    const bad = checkJson(request) ?? checkContent(body, model)
    if (bad) return sendError(reply, bad)
    const streamed = request.query.get('alt') === 'sse' ? 'sse' : 'list'
    await answerGemini(body, reply, next(), { model, form: method === 'generateContent' ? 'whole' : streamed })
  })
}

/** The form of OpenAI (ai.google.dev/gemini-api/docs/openai), whose errors come as a list (Simpleyyt/ai-manus issue 101). */
function embed(request: RecordedRequest, reply: Reply, key: string): void {
  const { method, headers, json } = request
  const body = json as Json
  const wrong = method === 'POST' ? faultInEmbeddings(body) : 'Method not allowed.'
  const fault = headers.authorization === `Bearer ${key}` ? wrong && badRequest(wrong) : wrongKey()
  if (fault) return reply.json(fault.code, [{ error: fault }], vendorHeaders())
  return answerEmbeddings(body, reply)
}

function checkKey(request: RecordedRequest, key: string): GoogleError | undefined {
  const given = request.headers['x-goog-api-key'] ?? request.query.get('key') ?? undefined
  if (given === undefined || given === '') {
    return {
      code: 403,
      message:
        "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or other form " +
        'of API consumer identity to call this API.',
      status: 'PERMISSION_DENIED',
    }
  }
  return given === key ? undefined : wrongKey()
}

function listModels(reply: Reply, models: string[]): void {
  const listed = models.map((id) => ({
    name: `models/${id}`,
    version: '001',
    displayName: id,
    inputTokenLimit: 1_048_576,
    outputTokenLimit: 65_536,
    supportedGenerationMethods: ['generateContent', 'countTokens', 'createCachedContent', 'batchGenerateContent'],
    thinking: true,
  }))
  const embedding = {
    name: 'models/gemini-embedding-001',
    version: '001',
    supportedGenerationMethods: ['embedContent'],
  }
  reply.json(200, { models: [...listed, embedding] }, vendorHeaders())
}
