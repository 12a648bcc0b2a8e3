import type { LanguageModelV3CallOptions, LanguageModelV3GenerateResult } from '@ai-sdk/provider'
import type { ExchangeContext } from '../exchange/exchange.ts'
import { chat } from '../in-process/call.ts'
import { asCallError } from './error.ts'
import { callOf } from './request.ts'
import { contentOf, finishOf, headersOf, metadataOf, providerMetadataOf, usageOf } from './result.ts'

/** A call whose answer is taken whole. */
export async function generate(
  context: ExchangeContext,
  modelId: string,
  given: LanguageModelV3CallOptions,
): Promise<LanguageModelV3GenerateResult> {
  try {
    const { input, options, told, warnings } = callOf(modelId, given)
    const answer = await chat(context, input, options)
    const { info } = told
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
