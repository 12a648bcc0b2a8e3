import { baseUrlOf, fetchModelList, jsonOf, readOpenAIModels } from '../../index.ts'
import type { Executor, ExecutorContext, ListModels } from '../../index.ts'
import { kimiHeaders } from './auth.ts'
import { regionOf, regionOfLogin, REGIONS } from './region.ts'
import { translator } from './translator.ts'

export const executor: Executor = async (context) =>
  await context.fetch(`${baseOf(context)}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headersOf(context) },
    body: jsonOf(context.request),
  })

export const listModels: ListModels = async (context) => {
  const url = `${baseOf(context)}/models`
  return readOpenAIModels(await fetchModelList(context, { url, headers: headersOf(context), translator }))
}

type Settings = Pick<ExecutorContext, 'credential' | 'config'>

/**
 * The coding plan's endpoint, for keys and logins. Keys of the open platform need `base_url: https://api.moonshot.ai/v1`
 * (or `.cn`).
 */
export function baseOf({ credential, config }: Settings): string {
  const region = credential.kind === 'oauth' ? regionOfLogin(credential.metadata) : regionOf(config)
  return baseUrlOf(credential, config) ?? REGIONS[region].api
}

/**
 * A login is bound to a device: its id goes with every request, with who asks. Keys need `Authorization` alone, as
 * MoonshotAI/kimi-cli's own list of models does (src/kimi_cli/auth/platforms.py).
 *
 * Source: router-for-me/CLIProxyAPI, internal/runtime/executor/kimi_executor.go, `applyKimiHeaders`, which gives its own
 * name as the platform.
 */
function headersOf({ credential }: Settings): Record<string, string> {
  if (credential.kind === 'api_key') return { authorization: `Bearer ${credential.key.reveal()}` }
  const { device_id: device } = credential.metadata
  return {
    authorization: `Bearer ${credential.accessToken.reveal()}`,
    ...(device !== undefined && kimiHeaders(device)),
  }
}
