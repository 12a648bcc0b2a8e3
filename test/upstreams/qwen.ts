import type { FakeProvider } from '../../src/testing/fake-server.ts'
import type { ScriptFailure } from '../../src/testing/script.ts'
import { answerEmbeddings, faultInEmbeddings } from './embeddings.ts'
import type { WireObject } from './openai-chat.ts'
import { hasLaterSystem, messagesOf, retryAfter, startChatVendor } from './openai-vendor.ts'
import type { VendorAnswer } from './openai-vendor.ts'

export interface QwenFakeOptions {
  /** The one key or token that is good. Default: `sk-qwen-test`. */
  key?: string
  /** Qwen's portal, which takes logins, rather than DashScope, which takes keys. Default: no. */
  portal?: boolean
}

/**
 * DashScope's `…/compatible-mode/v1`, or the portal's `…/v1`.
 *
 * Error codes and messages: https://www.alibabacloud.com/help/en/model-studio/error-code. Checks: thinking only in streams,
 * no `tool_choice: "required"`, no named tool while thinking, no system message but the first, no limit beyond what the model writes
 * (src/plugins/qwen/limit.ts), no JSON while thinking (json-mode.ts). The portal refuses a stream without tools, where the vendor spoils
 * the answer.
 */
export async function startQwen({ key = 'sk-qwen-test', portal = false }: QwenFakeOptions = {}): Promise<FakeProvider> {
  return await startChatVendor({
    path: portal ? '/v1' : '/compatible-mode/v1',
    dialect: {
      fields: ['enable_thinking', 'thinking_budget', 'top_k'],
      messageFields: ['reasoning_content'],
      userParts: ['video_url'],
      lenient: true,
      reasoning: 'reasoning_content',
      usage: 'own-chunk',
    },
    authorize({ headers }) {
      if (headers.authorization !== `Bearer ${key}`) return failureOf({ kind: 'invalid_key' }, '')
      const type = headers['x-dashscope-authtype']
      return portal === (type === 'qwen-oauth') ? undefined : failureOf({ kind: 'forbidden' }, '')
    },
    check: (body) => check(body) ?? (portal && !body.tools ? invalid('tools are missing') : undefined),
    invalid,
    failure: failureOf,
    ...(!portal && {
      list: {
        object: 'list',
        data: ['qwen-plus', 'qwen9-max', 'text-embedding-v4', 'qwen3-asr-flash', 'wan2.7-image'].map((id) => ({
          id,
          object: 'model',
          created: 1_790_000_000,
          owned_by: 'system',
        })),
      },
    }),
    // anomalyco/opencode issue 40770
    refusesByStream: true,
    headers: () => ({ 'x-request-id': '0f6a4c5e-fake' }),
    async handle(request, reply) {
      if (portal || request.path !== '/compatible-mode/v1/embeddings' || request.method !== 'POST') return false
      const body = request.json as WireObject
      const fault = faultInEmbeddings(body)
      if (fault !== undefined) reply.json(400, invalid(fault).body)
      else answerEmbeddings(body, reply)
      return true
    },
  })
}

function check(body: WireObject): VendorAnswer | undefined {
  const {
    stream,
    enable_thinking: thinking,
    thinking_budget: budget,
    reasoning_effort: effort,
    tool_choice: choice,
  } = body
  if (thinking === true && stream !== true) {
    return invalid('parameter.enable_thinking must be set to false for non-streaming calls')
  }
  if (effort !== undefined && (thinking !== undefined || budget !== undefined)) {
    return invalid('reasoning_effort cannot be used with enable_thinking or thinking_budget')
  }
  if (effort !== undefined && !EFFORTS.includes(effort)) {
    return invalid(`'reasoning_effort' must be one of: ${EFFORTS.map((one) => `'${one}'`).join(', ')}`)
  }
  if (choice === 'required' || choice?.type === 'allowed_tools') {
    return invalid('tool_choice is one of the strings that should be ["none", "auto"]')
  }
  const thinks = thinking ?? /^(qwen3\.[5-9]|coder-model)/.test(String(body.model))
  if (typeof choice === 'object' && thinks) {
    return invalid('The tool_choice parameter does not support being set to required or object in thinking mode')
  }
  if (messagesOf(body).some(({ role }) => role === 'developer')) return invalid('developer is not one of roles')
  if (hasLaterSystem(body)) return invalid('System message must be at the beginning.')
  if (
    /^json_/.test(body.response_format?.type) &&
    (thinks || effort !== undefined) &&
    /^qwen(?:-|3\.5)/.test(body.model)
  ) {
    return invalid(
      '<400> InternalError.Algo.InvalidParameter: Json mode response is not supported when enable_thinking is true',
    )
  }
  const most = limitOf(String(body.model))
  if (body.max_tokens > most) {
    return invalid(`<400> InternalError.Algo.InvalidParameter: Range of max_tokens should be [1, ${most}]`)
  }
  return undefined
}

const EFFORTS = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh']

/** As anomalyco/models.dev has them, providers/alibaba. */
function limitOf(model: string): number {
  if (model === 'qwen-max') return 8192
  return /^qwen-(?:plus|flash)/.test(model) ? 32_768 : 131_072
}

const ERRORS: Record<ScriptFailure['kind'], [status: number, code: string, type: string, message: string]> = {
  invalid_request: [
    400,
    'invalid_parameter_error',
    'invalid_request_error',
    '<400> InternalError.Algo.InvalidParameter',
  ],
  invalid_key: [401, 'invalid_api_key', 'invalid_request_error', 'Incorrect API key provided.'],
  forbidden: [403, 'access_denied', 'access_denied', 'Access denied.'],
  not_found: [
    404,
    'model_not_found',
    'invalid_request_error',
    'The model does not exist or you do not have access to it.',
  ],
  too_large: [413, 'request_too_large', 'invalid_request_error', 'Exceeded limit on max bytes per request.'],
  context_length: [
    400,
    'invalid_parameter_error',
    'invalid_request_error',
    '<400> InternalError.Algo.InvalidParameter: Range of input length should be [1, 129024]',
  ],
  rate_limit: [429, 'limit_requests', 'limit_requests', 'You exceeded your current requests list.'],
  quota: [403, 'insufficient_quota', 'insufficient_quota', 'Free allocated quota exceeded.'],
  server_error: [500, 'internal_error', 'internal_error', 'An internal error has occurred.'],
  overloaded: [503, 'ModelServingError', 'ModelServingError', 'Too many requests. Your requests are being throttled.'],
}

function failureOf(failure: ScriptFailure, _model: string): VendorAnswer {
  const [status, code, type, message] = ERRORS[failure.kind]
  return {
    status,
    body: { error: { message: failure.message ?? message, type, param: null, code }, request_id: '0f6a4c5e-fake' },
    headers: retryAfter(failure),
  }
}

function invalid(message: string): VendorAnswer {
  return failureOf({ kind: 'invalid_request', message }, '')
}
