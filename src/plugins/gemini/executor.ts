import { baseUrlOf, jsonOf, unsupported } from '../../index.ts'
import type { Executor, ExecutorContext } from '../../index.ts'
import { withoutForeignProofs, writtenJson } from '../../kit.ts'

/** The base that @google/genai adds `v1beta` to (`_api_client`, `GOOGLE_AI_API_DEFAULT_VERSION`). */
const API = 'https://generativelanguage.googleapis.com'

/** google-gemini/gemini-cli packages/core/src/code_assist/server.ts, `CODE_ASSIST_ENDPOINT`. */
const CODE_ASSIST = 'https://cloudcode-pa.googleapis.com'

/**
 * What Code Assist calls a model other than the Gemini API does: it answers `gemini-3-flash` by Gemini 3.5 Flash, and
 * `gemini-3.5-flash` by a 404 (google-gemini/gemini-cli pull request 27749, packages/core/src/config/models.ts
 * `getBackendModelMappings`; jenslys/opencode-gemini-auth issue 79, Wei-Shaw/sub2api issue 2900).
 */
const CODE_ASSIST_NAMES = new Map([['gemini-3.5-flash', 'gemini-3-flash']])

/** With a key the Gemini API answers, with a login Code Assist does. */
export const executor: Executor = async (context) => {
  const { credential, fetch } = context
  const [url, body] = credential.kind === 'oauth' ? codeAssist(context) : api(context)
  return await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headersOf(context) },
    body: writtenJson(body),
  })
}

/**
 * `POST /v1beta/openai/embeddings`, the form of OpenAI that Google has beside its own, with the key as bearer
 * (ai.google.dev/gemini-api/docs/openai, "Embeddings"). Code Assist has none.
 */
const embeddings: Executor = async ({ request, credential, config, fetch }) => {
  if (credential.kind === 'oauth') throw unsupported('Gemini with a Google login', '/v1/embeddings')
  return await fetch(`${baseOf({ credential, config })}/v1beta/openai/embeddings`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${credential.key.reveal()}` },
    body: jsonOf(request),
  })
}

/** `POST /v1beta/models/{model}:embedContent`, or `:batchEmbedContents` (ai.google.dev/api/embeddings). Code Assist has neither. */
const ownEmbeddings: Executor = async ({ request, credential, config, fetch }) => {
  if (credential.kind === 'oauth') throw unsupported('Gemini with a Google login', 'embeddings')
  const method = request.body['requests'] === undefined ? 'embedContent' : 'batchEmbedContents'
  return await fetch(`${modelUrl({ credential, config, request })}:${method}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headersOf({ credential, config }) },
    body: jsonOf(request),
  })
}

/** `POST /v1beta/interactions`: googleapis/js-genai, `interactionsCreate`. */
const interactions: Executor = async (context) => {
  return await context.fetch(interactionsUrl(context), {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...interactionsHeaders(context) },
    body: jsonOf(context.request),
  })
}

/** `GET`, `DELETE /v1beta/interactions/{id}` and `POST …/{id}/cancel`: googleapis/js-genai, `interactionsGet` and its neighbours. */
const heldInteractions: Executor = async (context) => {
  const { method, path } = context.request.body
  return await context.fetch(`${interactionsUrl(context)}/${String(path)}`, {
    method: String(method),
    headers: interactionsHeaders(context),
  })
}

/** @throws {ChatError} 400 with a login: Code Assist has no Interactions. */
function interactionsUrl(settings: Settings): string {
  if (settings.credential.kind === 'oauth') throw unsupported('Gemini with a Google login', 'Interactions')
  return `${baseOf(settings)}/v1beta/interactions`
}

/** The revision of its events, where the client names one, is as in ai.google.dev/gemini-api/docs/interactions/streaming. */
function interactionsHeaders({ credential, config, clientHeaders }: ExecutorContext): Record<string, string> {
  const revision = clientHeaders?.get('api-revision')
  return { ...headersOf({ credential, config }), ...(revision && { 'api-revision': revision }) }
}

export const endpoints = {
  embeddings,
  'gemini-embeddings': ownEmbeddings,
  interactions,
  'held-interactions': heldInteractions,
}

type Target = [url: string, body: Record<string, unknown>]

/** `POST /v1beta/models/{model}:generateContent`, or `:streamGenerateContent?alt=sse`. */
function api(context: ExecutorContext): Target {
  return [`${modelUrl(context)}:${methodOf(context)}`, contentOf(context)]
}

function modelUrl(context: Settings & Pick<ExecutorContext, 'request'>): string {
  return `${baseOf(context)}/v1beta/models/${encodeURIComponent(context.request.model)}`
}

/**
 * `POST /v1internal:generateContent`, or `:streamGenerateContent?alt=sse`, with the request wrapped: gemini-cli
 * packages/core/src/code_assist/converter.ts, `CAGenerateContentRequest`.
 */
function codeAssist(context: ExecutorContext): Target {
  const { request, credential, requestId } = context
  const project = credential.kind === 'oauth' ? credential.metadata['project_id'] : undefined
  const wrapped = {
    model: CODE_ASSIST_NAMES.get(request.model) ?? request.model,
    ...(project !== undefined && { project }),
    user_prompt_id: requestId,
    request: contentOf(context),
  }
  return [`${baseOf(context)}/v1internal:${methodOf(context)}`, wrapped]
}

function methodOf({ request }: ExecutorContext): string {
  return request.stream ? 'streamGenerateContent?alt=sse' : 'generateContent'
}

/** The body without what the URL says, which a request that passes through has there too, and other vendors' proofs. */
function contentOf({ request }: ExecutorContext): Record<string, unknown> {
  if (request.chat) return request.body
  const { model: _, stream: __, ...content } = request.body
  return withoutForeignProofs(content, request.model)
}

type Settings = Pick<ExecutorContext, 'credential' | 'config'>

/** Where requests go, without a version. */
export function baseOf({ credential, config }: Settings): string {
  return baseUrlOf(credential, config) ?? (credential.kind === 'oauth' ? CODE_ASSIST : API)
}

/** @google/genai sends its key as `x-goog-api-key` (`GOOGLE_API_KEY_HEADER`), gemini-cli its token as bearer. */
export function headersOf({ credential }: Settings): Record<string, string> {
  return credential.kind === 'oauth'
    ? { authorization: `Bearer ${credential.accessToken.reveal()}` }
    : { 'x-goog-api-key': credential.key.reveal() }
}
