import { listOf } from '../json.ts'
import type { JsonObject } from '../json.ts'

const ENCRYPTED = 'reasoning.encrypted_content'

/**
 * Models that are sure to give it: others refuse the question, with "Encrypted content is not supported with this model". Those whose
 * names end in `chat-latest` may not reason.
 */
const REASONS = /^(?:o\d|gpt-[5-9]|codex)(?!.*-chat)/

/**
 * What is to be added to a request that byok keeps the response of, where its client did not ask for the model's reasoning: byok gives
 * the whole conversation back on the next turn (`previous_response_id`), to any account, where OpenAI's storage is searched for nothing.
 * It is asked of stored responses by others too: pydantic/pydantic-ai pull request 2867.
 */
export function encryptedToo(body: JsonObject, model: string): { include: unknown[] } | undefined {
  const { store, include } = body
  if (store === false || !REASONS.test(model)) return undefined
  const asked = listOf(include)
  return asked.includes(ENCRYPTED) ? undefined : { include: [...asked, ENCRYPTED] }
}
