import type { Stop } from '../abort.ts'
import { ChatError } from '../chat/index.ts'
import { answerMade } from '../exchange/answer.ts'
import { attempt } from '../exchange/attempt.ts'
import type { ExchangeContext } from '../exchange/exchange.ts'
import { CannotAsk } from '../exchange/failover.ts'
import type { LinkedAbort } from '../exchange/linked-abort.ts'
import { Question } from '../exchange/question.ts'
import type { JsonObject } from '../json.ts'
import { geminiProtocol } from '../protocols/gemini/index.ts'
import type { Pick } from '../routing/selection.ts'
import type { Asking } from './plain.ts'

export interface InChat {
  /** The request in Gemini's words: whose models do in chats what others do elsewhere understand them. */
  body: JsonObject
  /** Whether an error says that the provider has no such models. */
  lacks(error: ChatError): boolean
  /** What the client is to have of an answer in Gemini's words: JSON, or a text as it is. */
  made(answer: unknown): unknown
}

/**
 * Asks a model in a chat for what the client asked for in another way.
 *
 * @throws {CannotAsk} where the provider has no models for it
 */
export async function attemptInChat(
  context: ExchangeContext,
  asking: Asking & { signal: Stop },
  { body, lacks, made }: InChat,
  pick: Pick,
  abort: LinkedAbort,
): Promise<Response> {
  const input = { ...asking, protocol: geminiProtocol, body }
  const question = new Question(input, context.hooks)
  try {
    return await attempt(context, input, question, pick, abort, (answered) =>
      answerMade(answered, geminiProtocol, made),
    )
  } catch (error) {
    throw error instanceof ChatError && lacks(error) ? new CannotAsk() : error
  }
}
