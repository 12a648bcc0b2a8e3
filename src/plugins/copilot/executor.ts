import { jsonOf, tokenOf, version } from '../../index.ts'
import type { Executor, ExecutorContext } from '../../index.ts'
import {
  withEffortTaken,
  withNewestLimit,
  withoutForeignItems,
  withoutForeignBlocks,
  withoutItemIds,
  withReasoningTaken,
} from '../../kit.ts'
import type { JsonObject } from '../../kit.ts'
import { randomUUID } from 'node:crypto'
import { servedBetas, withoutBetaFields } from './betas.ts'
import { hasImages, initiatorOf, withoutBilling } from './body.ts'
import { apiOf, domainOf } from './domain.ts'
import { endpointOf } from './endpoint.ts'
import type { Endpoint } from './endpoint.ts'
import { withOneIdEach } from './item-ids.ts'
import { asCopilotTakes } from './responses.ts'

export const executor: Executor = async (context) => {
  const { request, clientHeaders, fetch, requestId } = context
  // Only Responses have `input`; of a model that takes both formats, the translator picks the request's.
  const endpoint = 'input' in request.body ? '/responses' : endpointOf(request.model, request.info)
  const betas = endpoint === '/v1/messages' ? servedBetas(clientHeaders?.get('anthropic-beta')) : []
  // What was translated holds no other vendor's items, and the limit by its newest name; what passes through may not.
  const own = request.chat ? request.body : withoutForeign(endpoint, request)
  const body = taken(endpoint, own, betas)
  const headers = {
    ...headersOf(context),
    'content-type': 'application/json',
    'x-request-id': requestId === '' ? randomUUID() : requestId,
    'x-initiator': initiatorOf(endpoint, request),
    ...(hasImages(endpoint, request.body) && { 'copilot-vision-request': 'true' }),
    // Copilot hands these on to Anthropic's own API.
    ...(endpoint === '/v1/messages' && { 'anthropic-version': '2023-06-01' }),
    ...(betas.length > 0 && { 'anthropic-beta': betas.join(',') }),
  }
  const post = (some: JsonObject) =>
    fetch(`${baseOf(context)}${endpoint}`, {
      method: 'POST',
      headers,
      body: jsonOf(request, some),
    })
  const response = await withEffortTaken(context, body, (some) => withReasoningTaken(some, post))
  // What is translated tells the items by their places.
  return endpoint === '/responses' && !request.chat ? withOneIdEach(response) : response
}

function taken(endpoint: Endpoint, body: JsonObject, betas: readonly string[]): JsonObject {
  switch (endpoint) {
    case '/responses':
      return withoutItemIds(asCopilotTakes(body))
    case '/v1/messages':
      return withoutBilling(withoutBetaFields(body, betas))
    case '/chat/completions':
      return body
  }
}

function withoutForeign(endpoint: Endpoint, { body, model }: ExecutorContext['request']): JsonObject {
  switch (endpoint) {
    case '/responses':
      return withoutForeignItems(body)
    case '/v1/messages':
      return withoutForeignBlocks(body)
    case '/chat/completions':
      return withNewestLimit(body, model)
  }
}

type Settings = Pick<ExecutorContext, 'credential' | 'config'>

/** A login's token says where it is good: each plan has its own host. */
export function baseOf({ credential, config }: Settings): string {
  if (credential.kind === 'api_key') return credential.baseUrl ?? config.base_url ?? apiOf(domainOf(config))
  const { endpoint, domain } = credential.metadata
  const named = endpoint?.replace(/\/+$/, '')
  return config.oauth_base_url ?? (named === undefined || named === '' ? apiOf(domain) : named)
}

/**
 * What every request to Copilot must carry: it answers 400 "missing Editor-Version header for IDE auth" without the first, and
 * refuses integrations it does not know. Third-party editors give their own name and version, with `vscode-chat` as the
 * integration.
 *
 * The version is of the API: with an older one Copilot lists the shorter windows alone, and refuses a prompt that is longer.
 *
 * Sources: CopilotC-Nvim/CopilotChat.nvim, lua/CopilotChat/config/providers.lua, `get_headers`; anomalyco/opencode,
 * packages/opencode/src/plugin/github-copilot/copilot.ts (`Openai-Intent`); caozhiyuan/copilot-api pull request 289 and
 * bastani-inc/atomic pull request 1417 (`X-GitHub-Api-Version`, and what an older one does).
 */
export function headersOf({ credential }: Settings): Record<string, string> {
  const token = tokenOf(credential)
  return {
    authorization: `Bearer ${token.reveal()}`,
    'editor-version': `byok/${version}`,
    'editor-plugin-version': `byok/${version}`,
    'copilot-integration-id': 'vscode-chat',
    'openai-intent': 'conversation-edits',
    'x-github-api-version': '2026-06-01',
  }
}
