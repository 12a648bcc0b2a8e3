import { unsupported } from '../../index.ts'
import type { ChatRequest } from '../../index.ts'
import type { JsonObject } from '../../kit.ts'

/**
 * What is left out for models with a sampling of their own, which refuse any other ("invalid temperature: only 1 is allowed for this
 * model"): nearly every client sends a temperature. Which value is the model's depends on whether it thinks, so none is sent.
 *
 * Sources: https://platform.kimi.ai/docs/api/models-overview.md ("cannot be modified"); of the coding plan, repowise-dev/repowise pull
 * request 1323 and NousResearch/hermes-agent issue 11764.
 */
const HINTS_LEFT_OUT = ['temperature', 'top_p', 'presence_penalty', 'frequency_penalty'] as const

/** The models that take one, in the same table: `moonshot-v1`, and `kimi-k2` with `kimi-k2-thinking`, but not K2.5 and later. */
const TAKES_SAMPLING = /^moonshot-v1|^(?:kimi-)?k2(?![.\d])/

/** @throws {ChatError} 400 for more than one choice, of which such a model gives one. */
export function withOwnSampling(body: JsonObject, { model, n }: ChatRequest): JsonObject {
  if (TAKES_SAMPLING.test(model)) return body
  if (n !== undefined && n > 1) throw unsupported('Kimi', 'more than one choice (`n`)', 'n')
  const adapted = { ...body }
  for (const name of HINTS_LEFT_OUT) delete adapted[name]
  return adapted
}
