import type { UpstreamResponse } from '../../upstream/fetch.ts'
import { secondTry } from '../../upstream/second-try.ts'
import { isObject } from '../json.ts'
import type { JsonObject } from '../json.ts'
import { withoutItemIds } from './item-ids.ts'

/** "The encrypted content gAAA…HQ== could not be verified. Reason: Encrypted content organization_id did not match the target organization." */
const REFUSAL = /encrypted content.*could not be verified/is

/**
 * Sends a request of Responses, and once more without the reasoning in it where that cannot be read: it belongs to the organization that
 * it was given to, and a conversation may have begun with another account, with a login and not a key, or with Copilot. Without, the
 * conversation could not go on at all.
 *
 * What followed the reasoning goes without its id then, by which OpenAI would miss it: "provided without its required 'reasoning' item".
 *
 * Sources: pingdotgg/t3code issue 410 and openai/codex issue 13724 (organizations), caozhiyuan/copilot-api issue 363 (Copilot);
 * TanStack/ai issue 1212 and NousResearch/hermes-agent pull request 102282 (ids).
 */
export async function withReasoningTaken(
  body: JsonObject,
  send: (body: JsonObject) => Promise<UpstreamResponse>,
): Promise<UpstreamResponse> {
  const { input } = body
  const response = await send(body)
  if (response.status !== 400 || !Array.isArray(input) || !input.some(isSealed)) return response
  return await secondTry(response, (said) =>
    REFUSAL.test(said) ? send(withoutItemIds({ ...body, input: input.filter((item) => !isSealed(item)) })) : undefined,
  )
}

function isSealed(item: unknown): boolean {
  return isObject(item) && item['type'] === 'reasoning' && typeof item['encrypted_content'] === 'string'
}
