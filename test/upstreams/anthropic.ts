import { startFakeProvider } from '../../src/testing/fake-server.ts'
import type { FakeProvider, RecordedRequest, Reply } from '../../src/testing/fake-server.ts'
import { checkAuth, checkRequest, maxOutput } from './anthropic-check.ts'
import type { Json } from './anthropic-check.ts'
import { anthropicFailure, anthropicHeaders, sendAnthropicError } from './anthropic-failures.ts'
import type { AnthropicError } from './anthropic-failures.ts'
import { answerMessages } from './anthropic-render.ts'
import { Threads } from './anthropic-threads.ts'

export interface AnthropicFakeOptions {
  /** The one key that is good. Default: `sk-ant-test`. */
  key?: string
  /** The one access token that is good. Default: `sk-ant-oat01-test`. */
  token?: string
  /** The models there are. Default: a few, and every other name is taken for a good one too. */
  models?: string[]
  /** Thinking that counts as signed by this fake already, by its signature. */
  issued?: Record<string, string>
  /** Further checks, before Anthropic's. */
  check?(request: RecordedRequest): AnthropicError | undefined
}

const MODELS = ['claude-opus-5-5', 'claude-sonnet-5-5', 'claude-opus-4-6', 'claude-sonnet-4-5-20250929']

/**
 * Anthropic's `POST /v1/messages`, `POST /v1/messages/count_tokens`, `GET /v1/models` and `GET /v1/models/{id}`. Its `url` is
 * the bare host, as the vendor's own SDK takes it.
 */
export async function startAnthropic(options: AnthropicFakeOptions = {}): Promise<FakeProvider> {
  const { key = 'sk-ant-test', token = 'sk-ant-oat01-test', models = MODELS } = options
  const issued = new Map(Object.entries(options.issued ?? {}))
  const threads = new Threads()
  return await startFakeProvider(async (request, reply, next) => {
    const fault = checkAuth(request, { key, token }) ?? options.check?.(request)
    if (fault) return sendAnthropicError(reply, fault)
    if (request.path.startsWith('/v1/models')) return answerModels(request, reply, models)
    const counting = request.path === '/v1/messages/count_tokens'
    if (request.path !== '/v1/messages' && !counting) {
      return sendAnthropicError(reply, { status: 404, type: 'not_found_error', message: 'Not Found' })
    }
    if (request.method !== 'POST') {
      return sendAnthropicError(reply, { status: 405, type: 'invalid_request_error', message: 'Method Not Allowed' })
    }
    const whole = threads.whole(request)
    if ('fault' in whole) return sendAnthropicError(reply, whole.fault)
    const bad = checkRequest(request, issued, { counting, body: whole.body })
    if (bad) return sendAnthropicError(reply, bad)
    const body = whole.body as Json
    if (options.models && !options.models.includes(body.model)) {
      return sendAnthropicError(reply, anthropicFailure({ kind: 'not_found' }, body.model))
    }
    if (counting) return reply.json(200, { input_tokens: Math.ceil(request.text.length / 4) }, anthropicHeaders())
    await answerMessages(body, reply, next(), issued, (message) => threads.keep(request, body, message))
  })
}

function answerModels(request: RecordedRequest, reply: Reply, models: string[]): void {
  const data = models.map((id) => ({
    type: 'model',
    id,
    display_name: id,
    created_at: '2026-02-04T00:00:00Z',
    max_input_tokens: 1_000_000,
    max_tokens: maxOutput(id),
    lifecycle: id === 'claude-next-9' ? 'deprecated' : 'active',
    retires_at: id === 'claude-next-9' ? '2031-05-06T16:00:00Z' : null,
    capabilities: { image_input: { supported: true }, thinking: { supported: true } },
  }))
  const id = decodeURIComponent(request.path.slice('/v1/models/'.length))
  if (id === '') {
    const page = { data, has_more: false, first_id: models[0] ?? null, last_id: models.at(-1) ?? null }
    return reply.json(200, page, anthropicHeaders())
  }
  const model = data.find((entry) => entry.id === id)
  if (model) return reply.json(200, model, anthropicHeaders())
  return sendAnthropicError(reply, anthropicFailure({ kind: 'not_found' }, id))
}
