import { isObject } from '../json/json.ts'
import type { JsonObject } from '../json/json.ts'
import type { UpstreamResponse } from './fetch.ts'
import { Learnt } from './learnt.ts'
import type { Refused } from './learnt.ts'
import { secondTry } from './second-try.ts'

/** From least to most. */
const SCALE = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']

/** The efforts that an account's model takes in the place of others. */
const taken = new Learnt<string>()

/**
 * Sends a request, and once more with the nearest effort there is where the model refuses the one asked for. Each model has its own, and
 * Copilot fewer than the vendor, which no client knows whose words are those of another vendor.
 *
 * Sources: microsoft/vscode issue 310940 (`output_config.effort "high" is not supported by model …; supported values: [medium]`),
 * kaitranntt/ccs issue 344 and The-PR-Agent/pr-agent issue 3237 (`Supported values are: 'minimal', 'low', 'medium', and 'high'.`).
 */
export async function withEffortTaken(
  context: Refused,
  body: JsonObject,
  send: (body: JsonObject) => Promise<UpstreamResponse>,
): Promise<UpstreamResponse> {
  const effort = effortIn(body)
  if (effort === undefined) return await send(body)
  const before = taken.get(context, effort)
  if (before !== undefined) return await send(withEffort(body, before))
  const response = await send(body)
  if (response.status !== 400) return response
  return await secondTry(response, (said) => {
    const nearest = nearestOf(said, effort)
    if (nearest === undefined) return undefined
    taken.set(context, nearest, effort)
    return send(withEffort(body, nearest))
  })
}

/** The most of what a refusal says that there is which is no more than what was asked for, or the least. */
function nearestOf(said: string, effort: string): string | undefined {
  const [, list] = /effort.*supported values(?: are)?:([^}]*)/is.exec(said) ?? []
  const words: string[] = list?.match(/[a-z]+/g) ?? []
  const efforts = SCALE.filter((one) => words.includes(one) && one !== effort)
  return efforts.findLast((one) => SCALE.indexOf(one) < SCALE.indexOf(effort)) ?? efforts[0]
}

/** Objects that have an effort: Responses' and Anthropic's. */
const HOLDERS = ['reasoning', 'output_config']

function effortIn(body: JsonObject): string | undefined {
  const within = HOLDERS.map((name) => body[name]).flatMap((holder) => (isObject(holder) ? [holder['effort']] : []))
  return [body['reasoning_effort'], ...within].find((effort) => typeof effort === 'string')
}

function withEffort(body: JsonObject, effort: string): JsonObject {
  const whole: JsonObject = 'reasoning_effort' in body ? { ...body, reasoning_effort: effort } : { ...body }
  for (const name of HOLDERS) {
    const holder = body[name]
    if (isObject(holder) && 'effort' in holder) whole[name] = { ...holder, effort }
  }
  return whole
}
