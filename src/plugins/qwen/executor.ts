import { fetchModelList, jsonOf, readOpenAIModels, tokenOf, unsupported, version } from '../../index.ts'
import type { Executor, ExecutorContext, ListModels, ModelInfo } from '../../index.ts'
import { withJsonUnthought } from './json-mode.ts'
import { withLimitTaken } from './limit.ts'
import { dashscope } from './translator.ts'

/** Source: QwenLM/qwen-code, packages/core/src/core/openaiContentGenerator/constants.ts, `DEFAULT_DASHSCOPE_BASE_URL`. */
const DASHSCOPE = 'https://dashscope.aliyuncs.com/compatible-mode/v1'

/** For a login whose answer named no host. Source: AprilNEA/BYOKEY, crates/provider/src/executor/qwen.rs. */
const PORTAL = 'https://portal.qwen.ai/v1'

export const executor: Executor = async (context) =>
  await withLimitTaken(context, (limited) =>
    withJsonUnthought(context, limited ?? context.request.body, (body) =>
      context.fetch(`${baseOf(context)}/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headersOf(context) },
        body: jsonOf(context.request, body),
      }),
    ),
  )

/** help.aliyun.com/en/model-studio/embedding-interfaces-compatible-with-openai; the portal's logins are for chats. */
const embeddings: Executor = async (context) => {
  if (context.credential.kind === 'oauth') throw unsupported('Qwen with a login', '/v1/embeddings')
  return await context.fetch(`${baseOf(context)}/embeddings`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headersOf(context) },
    body: jsonOf(context.request),
  })
}

export const endpoints = { embeddings }

/** DashScope lists every model it has; those that do not chat are left out. The portal has no list (`/models` is a 404). */
export const listModels: ListModels = async (context) => {
  if (context.credential.kind === 'oauth') return []
  const url = `${baseOf(context)}/models`
  const headers = headersOf(context)
  return readOpenAIModels(await fetchModelList(context, { url, headers, translator: dashscope })).filter(isChat)
}

const OTHER_USES = /embedding|rerank|image|asr|tts|-mt-|livetranslate|realtime|omni|ocr|audio|deep-research|intent/

function isChat({ id }: ModelInfo): boolean {
  return /^(qwen|qwq|qvq|coder-model)/.test(id) && !OTHER_USES.test(id)
}

type Settings = Pick<ExecutorContext, 'credential' | 'config'>

export function baseOf({ credential, config }: Settings): string {
  if (credential.kind === 'api_key') return credential.baseUrl ?? config.base_url ?? DASHSCOPE
  return config.oauth_base_url ?? portalOf(credential.metadata['resource_url']) ?? PORTAL
}

/**
 * `resource_url` as an endpoint: a host or a URL, with or without `/v1`.
 *
 * Source: QwenLM/qwen-code, packages/core/src/qwen/qwenContentGenerator.ts, `getCurrentEndpoint`.
 */
function portalOf(resource: string | undefined): string | undefined {
  if (!resource) return undefined
  const url = /^https?:\/\//.test(resource) ? resource : `https://${resource}`
  const trimmed = url.replace(/\/+$/, '')
  return trimmed.endsWith('/v1') ? trimmed : `${trimmed}/v1`
}

/**
 * `X-DashScope-CacheControl` makes `cache_control` count; `X-DashScope-AuthType` says which kind of token it is.
 *
 * Source: QwenLM/qwen-code, packages/core/src/core/openaiContentGenerator/provider/dashscope.ts, `buildHeaders`.
 */
function headersOf({ credential }: Settings): Record<string, string> {
  const token = tokenOf(credential)
  return {
    authorization: `Bearer ${token.reveal()}`,
    'x-dashscope-cachecontrol': 'enable',
    'x-dashscope-useragent': `byok/${version}`,
    ...(credential.kind === 'oauth' && { 'x-dashscope-authtype': 'qwen-oauth' }),
  }
}
