import type { Reply } from '../../src/testing/fake-server.ts'
import type { Script, ScriptFinish, ScriptUsage } from '../../src/testing/script.ts'
import { failureOf, payloadOf, vendorHeaders } from './kiro-failures.ts'
import { eventFrame, exceptionFrame } from './kiro-frames.ts'
import { spoken } from './openai-responses-render.ts'
import { playStream } from './play.ts'
import type { ContentStep } from './play.ts'

const STOP: Record<ScriptFinish, string> = {
  stop: 'END_TURN',
  length: 'MAX_TOKENS',
  tool_calls: 'TOOL_USE',
  content_filter: 'CONTENT_FILTERED',
  refusal: 'CONTENT_FILTERED',
}

/**
 * Answers with an event stream, in the order kiro-cli captures show: the conversation, the model's events, then credits,
 * the share of the context window, and why it stopped.
 *
 * @param proofs Where signatures are noted, so that they are known when they come back.
 */
export async function answerStream(model: string, reply: Reply, given: Script, proofs: Set<string>): Promise<void> {
  const script = spoken(given)
  reply.begin(200, { 'content-type': 'application/vnd.amazon.eventstream', ...vendorHeaders() })
  await reply.write(eventFrame('initial-response', { conversationId: '' }))
  const send = async (events: Event[]) => {
    for (const [type, payload] of events) await reply.write(eventFrame(type, payload))
  }
  const closes = await playStream(script, reply, {
    say: (step) => send(eventsOf(step, model, proofs)),
    async fail(failure) {
      const error = failureOf(failure)
      const wait = error.retryAfter === undefined ? {} : { retryAfterMilliseconds: error.retryAfter * 1000 }
      await reply.write(exceptionFrame(error.name, { ...payloadOf(error), ...wait }))
      reply.end()
    },
    // Nothing marks the end of an answer of Kiro's for sure: one that ends too early shows by half a message.
    async end() {
      await reply.write(eventFrame('assistantResponseEvent', { content: 'lost' }).subarray(0, 40))
      reply.end()
    },
  })
  if (!closes) return
  await send(closing(script))
  reply.end()
}

type Event = [type: string, payload: Record<string, unknown>]

function eventsOf(step: ContentStep, modelId: string, proofs: Set<string>): Event[] {
  if ('text' in step) return list(step.text).map((content) => ['assistantResponseEvent', { content, modelId }])
  if ('refusal' in step) return []
  if ('reasoning' in step) {
    const texts: Event[] = list(step.reasoning).map((text) => ['reasoningContentEvent', { text }])
    if (step.signature === undefined) return texts
    proofs.add(step.signature)
    return [...texts, ['reasoningContentEvent', { signature: step.signature }]]
  }
  const { id: toolUseId, name, arguments: fragments } = step.toolCall
  return [
    ['toolUseEvent', { name, toolUseId }],
    ...list(fragments).map((input): Event => ['toolUseEvent', { input, name, toolUseId }]),
    ['toolUseEvent', { name, stop: true, toolUseId }],
  ]
}

function closing(script: Script): Event[] {
  const called = script.steps.some((step) => 'toolCall' in step)
  const refusals = script.steps.flatMap((step) => ('refusal' in step ? [step.refusal] : []))
  const finish = script.finish ?? (refusals.length > 0 ? 'refusal' : called ? 'tool_calls' : 'stop')
  const refusal = refusals.length > 0 ? { category: 'OTHER', explanation: refusals.join('') } : { category: 'OTHER' }
  return [
    ['meteringEvent', { unit: 'credit', unitPlural: 'credits', usage: 0.26 }],
    ['contextUsageEvent', { contextUsagePercentage: 2.168 }],
    [
      'metadataEvent',
      {
        stopReason: STOP[finish],
        ...(finish === 'refusal' && { stopDetails: { refusal } }),
        ...(script.usage && { tokenUsage: tokensOf(script.usage) }),
      },
    ],
  ]
}

function tokensOf({ input, output, cachedInput = 0, cacheWrite = 0 }: ScriptUsage): Record<string, number> {
  return {
    uncachedInputTokens: input - cachedInput - cacheWrite,
    outputTokens: output,
    totalTokens: input + output,
    cacheReadInputTokens: cachedInput,
    cacheWriteInputTokens: cacheWrite,
  }
}

function list(value: string | string[]): string[] {
  return typeof value === 'string' ? [value] : value
}
