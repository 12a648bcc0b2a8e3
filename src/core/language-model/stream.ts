import type {
  LanguageModelV3CallOptions,
  LanguageModelV3StreamPart,
  LanguageModelV3StreamResult,
  SharedV3Warning,
} from '@ai-sdk/provider'
import type { ChatEvent } from '../chat/index.ts'
import type { ExchangeContext } from '../exchange/exchange.ts'
import { stream } from '../in-process/call.ts'
import { asCallError } from './error.ts'
import { PartWriter } from './parts.ts'
import { callOf } from './request.ts'
import { headersOf } from './result.ts'

/** A call whose answer is taken piece by piece: begun when its first event is here, so that a failure until then is thrown. */
export async function streamParts(
  context: ExchangeContext,
  modelId: string,
  given: LanguageModelV3CallOptions,
): Promise<LanguageModelV3StreamResult> {
  try {
    const { input, options, told, warnings } = callOf(modelId, given)
    const events = stream(context, input, options)
    const first = await events.next()
    const writer = new PartWriter(() => told.info, given.includeRawChunks ?? false)
    return {
      stream: readable({ events, first, writer, warnings, modelId, signal: given.abortSignal }),
      response: { headers: told.info ? headersOf(told.info) : {} },
    }
  } catch (error) {
    throw asCallError(error, modelId)
  }
}

interface Reading {
  events: AsyncGenerator<ChatEvent, void, undefined>
  first: IteratorResult<ChatEvent, void>
  writer: PartWriter
  warnings: SharedV3Warning[]
  modelId: string
  signal: AbortSignal | undefined
}

/** One event is read when a part is asked for, so that a slow reader slows the provider. */
function readable({
  events,
  writer,
  warnings,
  modelId,
  signal,
  ...begun
}: Reading): ReadableStream<LanguageModelV3StreamPart> {
  let first: Reading['first'] | undefined = begun.first
  return new ReadableStream<LanguageModelV3StreamPart>(
    {
      start(controller) {
        controller.enqueue({ type: 'stream-start', warnings })
      },
      async pull(controller) {
        try {
          for (;;) {
            const { done, value } = first ?? (await events.next())
            first = undefined
            const parts = done ? writer.end() : writer.push(value)
            for (const part of parts) controller.enqueue(part)
            if (done) return controller.close()
            if (parts.length > 0) return
          }
        } catch (error) {
          if (signal?.aborted) return controller.error(error)
          controller.enqueue({ type: 'error', error: asCallError(error, modelId) })
          for (const part of writer.fail()) controller.enqueue(part)
          controller.close()
        }
      },
      async cancel() {
        await events.return()
      },
    },
    { highWaterMark: 0 },
  )
}
