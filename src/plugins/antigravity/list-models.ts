import { z } from 'zod'
import { geminiGenerateContent, tokenOf } from '../../index.ts'
import type { ListModels, ModelInfo } from '../../index.ts'
import { errorOfResponse, readJson } from '../../kit.ts'
import { headersOf } from './executor.ts'
import { askHosts, hostsOf } from './hosts.ts'
import { CLAUDE_OUTPUT } from './models.ts'

/** With what it says of quotas the list has some tens of kilobytes. */
const MAX_LIST_BYTES = 4 * 1024 * 1024

const count = z.number().int().positive().optional().catch(undefined)
const flag = z.boolean().optional().catch(undefined)

/**
 * The answer to `POST /v1internal:fetchAvailableModels`, as far as it is read.
 *
 * Source: router-for-me/CLIProxyAPI, cmd/fetch_antigravity_models/main.go; `isInternal` and the flags as oh-my-pi's discovery of
 * Antigravity's models reads them.
 */
const listSchema = z.looseObject({
  models: z.record(
    z.string(),
    z.looseObject({
      maxTokens: count,
      maxOutputTokens: count,
      supportsImages: flag,
      supportsThinking: flag,
      isInternal: flag,
    }),
  ),
})

/** Models that complete code as it is typed, and unnamed ones: no chats of a person's (CLIProxyAPI, as above). */
const NO_CHAT = /^(?:tab|chat)_/

/** The models of the account's plan. */
export const listModels: ListModels = async (context) => {
  const { provider, credential, config } = context
  const project = credential.kind === 'oauth' ? credential.metadata['project_id'] : undefined
  const response = await askHosts(
    hostsOf(config),
    '/v1internal:fetchAvailableModels',
    { method: 'POST', headers: headersOf(credential), body: JSON.stringify(project === undefined ? {} : { project }) },
    context,
  )
  if (!response.ok) {
    const secrets = [tokenOf(credential)]
    throw await errorOfResponse(response, {
      provider,
      title: 'Antigravity',
      translator: geminiGenerateContent(),
      secrets,
      setting: config.oauth_base_url === undefined ? undefined : `providers.${provider}.oauth_base_url`,
    })
  }
  const { models } = listSchema.parse((await readJson(response, MAX_LIST_BYTES, provider)).value)
  return Object.entries(models)
    .filter(([id, { isInternal }]) => id !== '' && isInternal !== true && !NO_CHAT.test(id))
    .map(([id, listed]) => infoOf(id, listed))
}

function infoOf(id: string, listed: z.output<typeof listSchema>['models'][string]): ModelInfo {
  const { maxTokens, maxOutputTokens: told, supportsImages: vision, supportsThinking: reasoning } = listed
  const maxOutputTokens = told !== undefined && id.includes('claude') ? Math.min(told, CLAUDE_OUTPUT) : told
  const capabilities = { ...(vision !== undefined && { vision }), ...(reasoning !== undefined && { reasoning }) }
  return {
    id,
    ...(maxTokens !== undefined && { contextWindow: maxTokens }),
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    ...(Object.keys(capabilities).length > 0 && { capabilities }),
  }
}
