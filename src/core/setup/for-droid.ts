import { isObject, listOf } from '../json/json.ts'
import type { JsonObject } from '../json/json.ts'
import type { SetupContext } from './tool.ts'

/** What byok's models are called by, and known by again. */
const SIGN = ' (byok)'

/**
 * droid's own models, with byok's among them. Claude's it wants asked as Anthropic's, and has its user told so else; of all others it keeps what they
 * thought between the calls of tools by Responses alone (seen with 0.215).
 *
 * docs.factory.ai/model-independence/byok; the window is `maxContextLimit` in droid itself.
 */
export function withDroidModel({ customModels }: JsonObject, { origin, key, model, info }: SetupContext): unknown[] {
  const claude = /claude|haiku|sonnet|opus/i.test(model)
  const mine = {
    model,
    displayName: model + SIGN,
    baseUrl: claude ? origin : `${origin}/v1`,
    apiKey: key,
    provider: claude ? 'anthropic' : 'openai',
    ...(info?.contextWindow !== undefined && { maxContextLimit: info.contextWindow }),
    ...(info?.maxOutputTokens !== undefined && { maxOutputTokens: info.maxOutputTokens }),
  }
  const others = listOf(customModels).filter(
    (other) => !isObject(other) || !String(other['displayName']).endsWith(SIGN),
  )
  return [...others, mine]
}
