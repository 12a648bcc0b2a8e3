import type { LogProbs } from '../../chat/index.ts'
import { isObject, objects } from '../json.ts'
import type { JsonObject } from '../json.ts'

/**
 * Reads a `logprobsResult` (LogprobsResult in @google/genai) into OpenAI's shape. Gemini gives the tokens' text only, so
 * `bytes` is that text in UTF-8.
 */
export function readLogProbs(value: unknown): LogProbs | undefined {
  if (!isObject(value)) return undefined
  const chosen = objects(value['chosenCandidates'])
  if (chosen.length === 0) return undefined
  const top = objects(value['topCandidates'])
  const content = chosen.map((candidate, index) => ({
    ...readToken(candidate),
    top_logprobs: objects(top[index]?.['candidates']).map(readToken),
  }))
  return { content }
}

function readToken({ token, logProbability }: JsonObject) {
  const text = typeof token === 'string' ? token : ''
  return {
    token: text,
    logprob: typeof logProbability === 'number' ? logProbability : 0,
    bytes: [...Buffer.from(text)],
  }
}

/** OpenAI's log probabilities as Gemini's `logprobsResult`. */
export function writeLogProbs({ content }: LogProbs): JsonObject | undefined {
  const tokens = objects(content)
  if (tokens.length === 0) return undefined
  return {
    chosenCandidates: tokens.map(writeToken),
    topCandidates: tokens.map((token) => ({ candidates: objects(token['top_logprobs']).map(writeToken) })),
  }
}

function writeToken({ token, logprob }: JsonObject): JsonObject {
  return { token, logProbability: logprob }
}
