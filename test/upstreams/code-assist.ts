import { startFakeProvider } from '../../src/testing/fake-server.ts'
import type { FakeProvider, RecordedRequest, Reply } from '../../src/testing/fake-server.ts'
import type { ScriptFailure } from '../../src/testing/script.ts'
import { checkContent, checkJson } from './gemini-check.ts'
import { badRequest, errorInfo, failureOf, retryInfo, sendError, unknownNames } from './gemini-failures.ts'
import type { GoogleError } from './gemini-failures.ts'
import { answerGemini } from './gemini-render.ts'
import type { Json } from './gemini-wire.ts'

export interface CodeAssistFakeOptions {
  /** The one access token that is good. Default: `test-token`. */
  token?: string
  /** The account's project. Default: `test-project`. */
  project?: string
  /** Whether the account is known already. Default: yes; else it has to be onboarded. */
  onboarded?: boolean
  /** How often an onboarding is looked at before it is done. Default: once. */
  polls?: number
}

/** Fields of a request: gemini-cli packages/core/src/code_assist/converter.ts, `CAGenerateContentRequest`. */
const FIELDS = ['model', 'project', 'user_prompt_id', 'request', 'enabled_credit_types']

/**
 * Code Assist: `POST /v1internal:generateContent`, `:streamGenerateContent`, `:loadCodeAssist`, `:onboardUser`, and
 * `GET /v1internal/operations/{id}`.
 */
export async function startCodeAssist(options: CodeAssistFakeOptions = {}): Promise<FakeProvider> {
  const { token = 'test-token', project = 'test-project' } = options
  const account = onboarding(options)
  return await startFakeProvider(async (request, reply, next) => {
    const fault = checkBearer(request, token)
    if (fault) return sendError(reply, fault)
    if (account(request, reply)) return
    const method = /^\/v1internal:(generateContent|streamGenerateContent)$/.exec(request.path)?.[1]
    if (!method || request.method !== 'POST') {
      return reply.send(404, '<!DOCTYPE html><title>Error 404 (Not Found)!!1</title>', { 'content-type': 'text/html' })
    }
    const bad = checkJson(request) ?? checkEnvelope(request.json as Json, FIELDS, project)
    if (bad) return sendError(reply, bad)
    const { model, request: body } = request.json as Json
    // google-gemini/gemini-cli pull request 27749; in the words of jenslys/opencode-gemini-auth issue 79.
    if (model === 'gemini-3.5-flash')
      return sendError(reply, { code: 404, message: 'Requested entity was not found.', status: 'NOT_FOUND' })
    const wrong = checkContent(body, model, { prefix: 'request.', fields: ['session_id', 'labels'] })
    if (wrong) return sendError(reply, wrong)
    await answerGemini(body, reply, next(), {
      model,
      form: formOf(request, method),
      wrapped: true,
      failure: codeAssistFailure,
    })
  })
}

/** Without `alt=sse` streams are a list here too. */
export function formOf(request: RecordedRequest, method: string): 'sse' | 'list' | 'whole' {
  if (method === 'generateContent') return 'whole'
  return request.query.get('alt') === 'sse' ? 'sse' : 'list'
}

export function checkBearer(request: RecordedRequest, token: string): GoogleError | undefined {
  if (request.headers.authorization === `Bearer ${token}`) return undefined
  return {
    code: 401,
    message:
      'Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid ' +
      'authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.',
    status: 'UNAUTHENTICATED',
    details: [errorInfo('ACCESS_TOKEN_TYPE_UNSUPPORTED', 'googleapis.com', { service: 'cloudcode-pa.googleapis.com' })],
  }
}

export function checkEnvelope(body: Json, fields: string[], project: string): GoogleError | undefined {
  const unknown = Object.keys(body).filter((name) => !fields.includes(name))
  if (unknown.length > 0) return unknownNames(unknown.map((name) => ({ name, at: '' })))
  if (typeof body.model !== 'string' || body.model === '') return badRequest('Request contains an invalid argument.')
  if (typeof body.request !== 'object') return badRequest('Request contains an invalid argument.')
  if (body.project === project) return undefined
  return {
    code: 403,
    message: `Permission denied on resource project ${body.project ?? ''}.`,
    status: 'PERMISSION_DENIED',
    details: [errorInfo('CONSUMER_INVALID', 'googleapis.com', { consumer: `projects/${body.project ?? ''}` })],
  }
}

/**
 * Code Assist's own words for limits, as gemini-cli records them: packages/core/src/utils/googleQuotaErrors.test.ts (domain,
 * reasons), googleErrors.test.ts (`uiMessage`, `quotaResetDelay`).
 */
export function codeAssistFailure(failure: ScriptFailure, model: string): GoogleError {
  const { kind, retryAfter, message } = failure
  const limit = (reason: string, words: string): GoogleError => ({
    code: 429,
    message: message ?? words,
    status: 'RESOURCE_EXHAUSTED',
    details: [
      errorInfo(reason, 'cloudcode-pa.googleapis.com', {
        uiMessage: 'true',
        model,
        ...(retryAfter !== undefined && { quotaResetDelay: `${retryAfter}s` }),
      }),
      ...retryInfo(retryAfter),
    ],
  })
  switch (kind) {
    case 'rate_limit':
      return limit('RATE_LIMIT_EXCEEDED', 'You have exhausted your capacity on this model.')
    case 'quota':
      return limit('QUOTA_EXHAUSTED', 'You have exhausted your quota on this model.')
    case 'invalid_key':
      return {
        code: 401,
        message: 'Request had invalid authentication credentials.',
        status: 'UNAUTHENTICATED',
      }
    case 'not_found':
      return { code: 404, message: 'Requested entity was not found.', status: 'NOT_FOUND' }
    case 'overloaded':
      return {
        code: 503,
        message: message ?? `No capacity available for model ${model} on the server`,
        status: 'UNAVAILABLE',
        details: [
          errorInfo('MODEL_CAPACITY_EXHAUSTED', 'cloudcode-pa.googleapis.com', { model }),
          ...retryInfo(retryAfter),
        ],
      }
    default:
      return failureOf(failure, model)
  }
}

/** What a login does first: gemini-cli packages/core/src/code_assist/setup.ts and types.ts. Tells whether it answered. */
export function onboarding({ project = 'test-project', onboarded = true, polls = 1 }: CodeAssistFakeOptions) {
  let known = onboarded
  let looks = 0
  const done = () => ({
    name: 'operations/fake-onboarding',
    done: true,
    response: {
      '@type': 'type.googleapis.com/google.internal.cloud.code.v1internal.OnboardUserResponse',
      cloudaicompanionProject: { id: project, name: project, projectNumber: '42' },
    },
  })
  const free = { id: 'free-tier', name: 'Gemini Code Assist for individuals', isDefault: true }
  return (request: RecordedRequest, reply: Reply): boolean => {
    if (request.path === '/v1internal:loadCodeAssist') {
      reply.json(200, known ? { currentTier: free, cloudaicompanionProject: project } : { allowedTiers: [free] })
      return true
    }
    const onboard = request.path === '/v1internal:onboardUser'
    if (!onboard && request.path !== '/v1internal/operations/fake-onboarding') return false
    if (onboard && (request.json as Json | undefined)?.tierId !== 'free-tier') {
      sendError(reply, badRequest('Request contains an invalid argument.'))
      return true
    }
    if (looks++ < polls) reply.json(200, { name: 'operations/fake-onboarding', done: false })
    else {
      known = true
      reply.json(200, done())
    }
    return true
  }
}
