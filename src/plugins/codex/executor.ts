import { jsonOf, unsupported } from '../../index.ts'
import type {
  ApiKeyCredential,
  Executor,
  ExecutorContext,
  OAuthCredential,
  ProviderConfig,
  UpstreamResponse,
} from '../../index.ts'
import {
  audioAsForm,
  encryptedToo,
  withEffortTaken,
  withNewestLimit,
  withoutForeignItems,
  withReasoningTaken,
  withTakenItemIds,
  writtenForm,
} from '../../kit.ts'
import type { JsonObject } from '../../kit.ts'
import { withSummaryIfAllowed } from './unasked-summary.ts'

/** @see https://github.com/openai/openai-node/blob/master/src/client.ts `baseURL` */
const BASE_URL = 'https://api.openai.com/v1'

/** openai/codex codex-rs/model-provider-info/src/lib.rs; AprilNEA/BYOKEY crates/provider/src/executor/codex.rs. */
const CHATGPT_URL = 'https://chatgpt.com/backend-api/codex'

/** What Responses call the conversation, or where it is stored; Chat Completions has none of these. */
const RESPONSES_FIELDS = ['input', 'previous_response_id', 'conversation', 'prompt']

/** OpenAI's API with a key, or ChatGPT's backend with a login. */
export const executor: Executor = async (context) => {
  const { request, credential, config, fetch } = context
  if (credential.kind === 'oauth') {
    return await asTaken(context, request.body, (body) =>
      fetch(`${config.oauth_base_url ?? CHATGPT_URL}/responses`, {
        method: 'POST',
        headers: chatGptHeaders(credential, body),
        body: jsonOf(request, body),
      }),
    )
  }
  const path = RESPONSES_FIELDS.some((name) => name in request.body) ? 'responses' : 'chat/completions'
  // What was translated holds no other vendor's items, and the limit by its newest name; what passes through may not.
  const body = request.chat ? request.body : withNewestLimit(withoutForeignItems(request.body), request.model)
  const more = path === 'responses' ? encryptedToo(body, request.model) : undefined
  // Not all of the context: who copies its signal asks for one, which costs as much as a small answer.
  const asked = more
    ? { request: { ...request, body: { ...body, ...more }, bytes: bytesWith(more) }, credential, config, fetch }
    : context
  const whole = more ? asked.request.body : body
  return await withSummaryIfAllowed(asked, (plain) =>
    asTaken(context, plain ?? whole, (some) => post(path, credential, asked, some)),
  )

  /** The client's own bytes, where they only lack a field. */
  function bytesWith(fields: JsonObject): Uint8Array | undefined {
    return body === request.body && body['include'] === undefined ? withField(request.bytes, fields) : undefined
  }
}

/** Sends what OpenAI takes of a request. The effort is that of clients of other vendors' formats alone: what one of OpenAI's says stands. */
function asTaken(
  context: ExecutorContext,
  body: JsonObject,
  send: (body: JsonObject) => Promise<UpstreamResponse>,
): Promise<UpstreamResponse> {
  const { chat } = context.request
  const isOwn = !chat || chat.protocol?.startsWith('openai-') === true
  const sendReadable = (some: JsonObject) => withReasoningTaken(withTakenItemIds(some), send)
  return isOwn ? sendReadable(body) : withEffortTaken(context, body, sendReadable)
}

/** A JSON object with fields more, of which it has none: its numbers keep all of their digits. */
function withField(object: Uint8Array | undefined, fields: JsonObject): Uint8Array | undefined {
  if (!object) return undefined
  const end = Buffer.from(object.buffer, object.byteOffset, object.byteLength).lastIndexOf('}')
  return Buffer.concat([object.subarray(0, end), Buffer.from(`,${JSON.stringify(fields).slice(1)}`)])
}

function post(
  path: string,
  credential: ApiKeyCredential,
  { request, config, fetch }: Pick<ExecutorContext, 'request' | 'config' | 'fetch'>,
  body = request.body,
): Promise<UpstreamResponse> {
  return fetch(`${apiBase(credential, config)}/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${credential.key.reveal()}` },
    body: jsonOf(request, body),
  })
}

/** Where requests with a key go. */
export function apiBase({ baseUrl }: ApiKeyCredential, config: Pick<ProviderConfig, 'base_url'>): string {
  return baseUrl ?? config.base_url ?? BASE_URL
}

/** The endpoints that pass requests on as they are; a ChatGPT login reaches none of them. */
const plain =
  (path: string): Executor =>
  async (context) => {
    const { credential } = context
    if (credential.kind === 'oauth') throw unsupported('OpenAI with a ChatGPT login', `/v1/${path}`)
    return await post(path, credential, context)
  }

/**
 * With a recording. ChatGPT's backend has an endpoint of its own for its app's dictation, which turns other programs away
 * (Wei-Shaw/sub2api pull request 6537).
 */
const recorded =
  (path: string): Executor =>
  async ({ request, credential, config, fetch }) => {
    if (credential.kind === 'oauth') throw unsupported('OpenAI with a ChatGPT login', `/v1/${path}`)
    const { type, bytes } = await writtenForm(audioAsForm(request.body))
    return await fetch(`${apiBase(credential, config)}/${path}`, {
      method: 'POST',
      headers: { 'content-type': type, authorization: `Bearer ${credential.key.reveal()}` },
      body: bytes,
    })
  }

/**
 * OpenAI's Images, which ChatGPT's backend has under the same paths, and both take edits as JSON (openai/codex
 * codex-rs/codex-api/src/endpoint/images.rs, whose base is that of the provider it is signed in to).
 */
const images =
  (path: 'images/generations' | 'images/edits'): Executor =>
  async (context) => {
    const { request, credential, config, fetch } = context
    const body = withoutNeedlessFormat(request.body)
    if (credential.kind === 'api_key') return await post(path, credential, context, body)
    const accept = request.stream ? 'text/event-stream' : 'application/json'
    return await fetch(`${config.oauth_base_url ?? CHATGPT_URL}/${path}`, {
      method: 'POST',
      headers: { ...chatGptHeaders(credential, body), accept },
      body: jsonOf(request, body),
    })
  }

/**
 * "This parameter isn't supported for the GPT image models, which always return base64-encoded images" (openai-node
 * src/resources/images.ts, `response_format`). Clients of servers that have several kinds send it all the same, @ai-sdk/openai-compatible
 * among them.
 */
function withoutNeedlessFormat(body: JsonObject): JsonObject {
  const { response_format: format, ...others } = body
  return format === 'b64_json' && /^(?:gpt|chatgpt)-image/.test(String(body['model'])) ? others : body
}

/** openai-node src/resources/embeddings.ts, completions.ts, images.ts, audio/ and moderations.ts. */
export const endpoints = {
  embeddings: plain('embeddings'),
  completions: plain('completions'),
  'images/generations': images('images/generations'),
  'images/edits': images('images/edits'),
  'audio/transcriptions': recorded('audio/transcriptions'),
  'audio/translations': recorded('audio/translations'),
  'audio/speech': plain('audio/speech'),
  moderations: plain('moderations'),
}

/**
 * `originator` names the client, which is byok. Which cache a request is led to, the session says: "ChatGPT derives cache affinity from the
 * Responses session-id header"; one that is new each time would lead every turn to another.
 *
 * Sources: openai/codex codex-rs/login/src/auth/default_client.rs (`originator`), codex-rs/codex-api/src/requests/headers.rs
 * (`session-id`, which was `session_id`), codex-rs/core/src/client.rs `responses_session_id` (it is the prompt cache's key); CLIProxyAPI
 * internal/runtime/executor/codex_executor_request.go (account id, accept).
 */
function chatGptHeaders(
  { accessToken, metadata }: OAuthCredential,
  body: Record<string, unknown>,
): Record<string, string> {
  const { prompt_cache_key: cacheKey } = body
  const { account_id: account } = metadata
  return {
    'content-type': 'application/json',
    accept: 'text/event-stream',
    authorization: `Bearer ${accessToken.reveal()}`,
    ...(account !== undefined && account !== '' && { 'chatgpt-account-id': account }),
    originator: 'byok',
    ...(isHeaderValue(cacheKey) && { 'session-id': cacheKey }),
  }
}

function isHeaderValue(value: unknown): value is string {
  return typeof value === 'string' && /^[\x21-\x7e]{1,128}$/.test(value)
}
