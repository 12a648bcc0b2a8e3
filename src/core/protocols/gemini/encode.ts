import type { ChatAnswer, ChatChoice } from '../../chat/index.ts'
import type { EncodeContext } from '../protocol.ts'
import { answerHead, candidateExtra, extraParts, isBlockedPrompt, writeParts, writeResponse } from './encode-parts.ts'
import { writeFinishReason } from './finish.ts'
import { compact } from '../json.ts'
import type { JsonObject } from '../json.ts'
import { writeLogProbs } from './logprobs.ts'

/** A whole answer as Gemini's GenerateContentResponse. */
export function encodeAnswer(answer: ChatAnswer, context: EncodeContext): JsonObject {
  const blocked = answer.choices.find(isBlockedPrompt)
  return writeResponse(
    blocked ? [] : answer.choices.map(writeCandidate),
    answer.usage,
    answerHead(answer.id, answer.model ?? context.model),
    blocked?.extra?.['promptFeedback'],
  )
}

function writeCandidate(choice: ChatChoice, index: number): JsonObject {
  const { parts, malformed } = writeParts(choice.content)
  const reason = malformed === undefined ? undefined : 'MALFORMED_FUNCTION_CALL'
  return compact({
    content: { parts: [...parts, ...extraParts(choice.extra)], role: 'model' },
    finishReason: reason ?? writeFinishReason(choice.finishReason ?? 'error', choice.native),
    finishMessage: malformed,
    index,
    logprobsResult: choice.logprobs && writeLogProbs(choice.logprobs),
    ...candidateExtra(choice.extra),
  })
}
