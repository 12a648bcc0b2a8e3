import type { Translator, UpstreamErrorInfo } from '../../index.ts'
import { isObject } from '../../kit.ts'

/**
 * What is said of an id that another connection gave, by 401 or 400, and whichever account asks (src/plugins/copilot/item-ids.ts): the login is
 * as good as before, and who takes it for lost ends it for all.
 *
 * Sources: caozhiyuan/copilot-api issue 203, earendil-works/pi issue 3139, NousResearch/hermes-agent issue 32716 (401), microsoft/vscode issue
 * 318485 (400).
 */
const FOREIGN_ID = /input item ID does not belong to this connection/i

/**
 * Each plan has a host of its own, and a 421 "Misdirected Request" says that this one is not the account's. A login's token names the right one,
 * the next token where the plan has changed; a key's person has to.
 *
 * Sources: caozhiyuan/copilot-api issue 369, jjleng/copilot-more issue 31, ttttmr/pi-web-search pull request 18.
 */
const MISDIRECTED = 421
const OTHER_HOST =
  'This account is served at another host: set providers.copilot.base_url to https://api.business.githubcopilot.com or ' +
  'https://api.enterprise.githubcopilot.com, as its plan is, or run `byok login copilot`, which finds it'

/**
 * Reads Copilot's errors: `{ error: { message, code } }` from the models' gateway, or a line of plain text from what stands
 * before it, such as `unauthorized: token expired` and `quota exceeded`.
 *
 * Sources: caozhiyuan/copilot-api issue 110 (402 `quota_exceeded`), anomalyco/opencode issue 17682 (429 "quota exceeded" for two weeks),
 * microsoft/vscode issue 305497 (`user_global_rate_limited:pro`), ericc-ch/copilot-api issue 83 ("input length and max_tokens exceed context limit").
 */
export const readError: NonNullable<Translator['error']> = (body, status) => {
  const { code = '', message = '' } = fieldsOf(body)
  const known = meaningOf(code, message, status)
  if (!known && code === '') return undefined
  return { ...(message !== '' && { message }), ...(code !== '' && { code }), ...known }
}

function meaningOf(code: string, message: string, status: number): UpstreamErrorInfo | undefined {
  if (code === 'quota_exceeded' || status === 402 || /quota exceeded|no quota/i.test(message)) {
    return { status: 429, type: 'insufficient_quota', code: code === '' ? 'quota_exceeded' : code }
  }
  if (status === MISDIRECTED) {
    const said = message === '' ? 'Misdirected Request' : message
    return { message: `${said}. ${OTHER_HOST}`, status: 401, type: 'authentication_error', code: 'misdirected_request' }
  }
  if (FOREIGN_ID.test(message)) {
    const advice = 'Send each item of the conversation itself, without its id.'
    return { message: `${message}. ${advice}`, status: 400, type: 'invalid_request_error', param: 'input' }
  }
  if (/rate_limited/.test(code)) return { status: 429, type: 'rate_limit_error' }
  if (code === 'model_not_supported') {
    return { status: 404, type: 'invalid_request_error', code: 'model_not_found', param: 'model' }
  }
  if (code === 'unsupported_api_for_model') return { status: 400, type: 'invalid_request_error', param: 'model' }
  if (code === 'model_max_prompt_tokens_exceeded' || /exceed context limit/i.test(message)) {
    return { status: 400, type: 'invalid_request_error', code: 'context_length_exceeded' }
  }
  return undefined
}

function fieldsOf(body: unknown): { code?: string; message?: string } {
  if (typeof body === 'string') return { message: body.trim() }
  if (!isObject(body)) return {}
  const { code, message } = isObject(body['error']) ? body['error'] : body
  return {
    ...(typeof code === 'string' && { code }),
    ...(typeof message === 'string' && { message }),
  }
}
