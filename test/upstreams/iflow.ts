import { createHmac } from 'node:crypto'
import type { FakeProvider, RecordedRequest } from '../../src/testing/fake-server.ts'
import type { ScriptFailure } from '../../src/testing/script.ts'
import { OPENAI_ALONE } from './openai-chat-check.ts'
import type { WireObject } from './openai-chat.ts'
import { hasLaterSystem, messagesOf, startChatVendor } from './openai-vendor.ts'
import type { VendorAnswer } from './openai-vendor.ts'

export interface IFlowFakeOptions {
  /** The one API key that is good. Default: `sk-iflow-test`. */
  key?: string
}

/**
 * iFlow's `…/v1`: the key, the signature over user agent, session and time, and errors in an answer with status 200. It has
 * no list of models.
 *
 * Sources: those of src/plugins/iflow.
 */
export async function startIFlow({ key = 'sk-iflow-test' }: IFlowFakeOptions = {}): Promise<FakeProvider> {
  return await startChatVendor({
    path: '/v1',
    dialect: {
      fields: ['chat_template_kwargs', 'reasoning_split'],
      lacks: OPENAI_ALONE,
      messageFields: ['reasoning_content'],
      reasoning: 'reasoning_content',
      usage: 'own-chunk',
    },
    authorize(request) {
      if (request.headers.authorization !== `Bearer ${key}`) return failureOf({ kind: 'invalid_key' })
      return isSigned(request, key) ? undefined : business('434', 'Invalid signature')
    },
    check(body: WireObject) {
      if (messagesOf(body).some(({ role }) => role === 'developer')) return business('400', 'unknown role: developer')
      if (String(body.model).startsWith('qwen') && hasLaterSystem(body)) {
        return business('400', 'System message must be at the beginning.')
      }
      if (body.tool_choice?.type === 'allowed_tools') return business('400', 'unknown tool_choice: allowed_tools')
      if (body.chat_template_kwargs?.clear_thinking !== undefined && !String(body.model).startsWith('glm')) {
        return business('400', 'unknown chat template argument: clear_thinking')
      }
      return undefined
    },
    invalid: (message) => business('400', message),
    failure: failureOf,
    headers: () => ({}),
  })
}

function isSigned({ headers }: RecordedRequest, key: string): boolean {
  const session = headers['session-id']
  const timestamp = headers['x-iflow-timestamp']
  if (typeof session !== 'string' || typeof timestamp !== 'string' || !/^\d{13}$/.test(timestamp)) return false
  const signed = `${headers['user-agent'] ?? ''}:${session}:${timestamp}`
  return headers['x-iflow-signature'] === createHmac('sha256', key).update(signed).digest('hex')
}

const STATUSES: Record<ScriptFailure['kind'], [status: string, message: string]> = {
  invalid_request: ['400', 'Invalid request'],
  invalid_key: ['434', 'Invalid apiKey，get your apiKey: https://iflow.cn/'],
  forbidden: ['403', 'No permission'],
  not_found: ['435', 'Model not support'],
  too_large: ['413', 'Request too large'],
  context_length: ['400', "This model's maximum context length is exceeded"],
  rate_limit: ['449', 'You exceeded your current rate limit'],
  quota: ['429', 'You exceeded your current quota'],
  server_error: ['500', 'Internal error'],
  overloaded: ['503', 'Service busy'],
}

function failureOf(failure: ScriptFailure): VendorAnswer {
  const [status, message] = STATUSES[failure.kind]
  return business(status, failure.message ?? message)
}

function business(status: string, msg: string): VendorAnswer {
  return { status: 200, body: { status, msg, body: null } }
}
