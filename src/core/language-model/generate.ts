import type { LanguageModelV3CallOptions, LanguageModelV3GenerateResult } from '@ai-sdk/provider'
import type { ExchangeContext } from '../exchange/exchange.ts'
import type { RequestInfo } from '../hooks.ts'
import { chat } from '../in-process/call.ts'
import { asCallError } from './error.ts'
import { warningsOf } from './left-out.ts'
import { callOf } from './request.ts'
import { contentOf, finishOf, headersOf, metadataOf, providerMetadataOf, usageOf } from './result.ts'

/** A call whose answer is taken whole. */
export async function generate(
  context: ExchangeContext,
  modelId: string,
  given: LanguageModelV3CallOptions,
): Promise<LanguageModelV3GenerateResult> {
  try {
    const { input, options, warnings } = callOf(modelId, given)
    let info: Readonly<RequestInfo> | undefined
    const answer = await chat(context, input, {
      ...options,
      onInfo: (told) => void (info = told),
      onAnswered: (answered) => void warnings.push(...warningsOf(answered)),
    })
    const [choice] = answer.choices
    return {
      content: contentOf(choice?.content ?? []),
      finishReason: finishOf(choice?.finishReason, choice?.native),
      usage: usageOf(answer.usage),
      response: { ...metadataOf(answer), ...(info && { headers: headersOf(info) }) },
      ...(info && { providerMetadata: providerMetadataOf(info, answer.extra, choice?.extra) }),
      warnings,
    }
  } catch (error) {
    throw asCallError(error, modelId)
  }
}
