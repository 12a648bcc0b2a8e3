import { createHash, randomUUID } from 'node:crypto'
import { tokenOf, version } from '../../index.ts'
import type { Credential, Executor, ExecutorContext } from '../../index.ts'
import { writtenJson } from '../../kit.ts'
import { askHosts, hostsOf } from './hosts.ts'
import { isSearch, SEARCH_MODEL } from './web-search.ts'

/**
 * What the endpoint is told to be asked by. It refuses newer models to clients below 2.9.0, and reads the version off this header
 * (router-for-me/CLIProxyAPI internal/misc/antigravity_version.go, `antigravityFallbackVersion`), so the version of the protocol
 * goes first; byok's own name follows, and no platform that it does not run on.
 */
const USER_AGENT = `antigravity/hub/2.9.1 byok/${version}`

/** `POST /v1internal:generateContent`, or `:streamGenerateContent?alt=sse`. */
export const executor: Executor = async (context) => {
  const { request, credential, config } = context
  const method = request.stream ? 'streamGenerateContent?alt=sse' : 'generateContent'
  return await askHosts(
    hostsOf(config),
    `/v1internal:${method}`,
    { method: 'POST', headers: headersOf(credential), body: writtenJson(wrap(context)) },
    context,
  )
}

export function headersOf(credential: Credential): Record<string, string> {
  return {
    'content-type': 'application/json',
    authorization: `Bearer ${tokenOf(credential).reveal()}`,
    'user-agent': USER_AGENT,
  }
}

/**
 * The agent envelope: router-for-me/CLIProxyAPI internal/runtime/executor/antigravity_executor_request.go, `geminiToAntigravity`.
 * AprilNEA/BYOKEY makes up a project where none is known; here the login's own is sent, or none.
 */
function wrap({ request, credential }: ExecutorContext): Record<string, unknown> {
  const content = request.body
  const project = credential.kind === 'oauth' ? credential.metadata['project_id'] : undefined
  const login = { userAgent: 'antigravity', ...(project !== undefined && { project }) }
  // As in the same function: a search has neither an id nor a session.
  if (isSearch(request.chat)) return { model: SEARCH_MODEL, ...login, requestType: 'web_search', request: content }
  const image = request.model.includes('image')
  return {
    model: request.model,
    ...login,
    requestType: image ? 'image_gen' : 'agent',
    requestId: image ? `image_gen/${Date.now()}/${randomUUID()}/12` : `agent-${randomUUID()}`,
    request: image ? content : { ...content, sessionId: sessionOf(content) },
  }
}

/** The conversation, so that its turns meet the same cache: a number made of what it began with. */
function sessionOf({ contents }: Record<string, unknown>): string {
  const first: unknown = Array.isArray(contents) ? contents[0] : undefined
  const digest = createHash('sha256')
    .update(JSON.stringify(first ?? null))
    .digest()
  return `-${digest.readBigUInt64BE() & 0x7fff_ffff_ffff_ffffn}`
}
