import type { AssistantPart, ChatAnswer, ChatChoice, ReasoningPart } from '../../chat/index.ts'
import type { EncodeContext } from '../protocol.ts'
import { dataUrl } from './data-url.ts'
import { callProofs } from './call-proof.ts'
import { completionId, now, splitExtra, topLevelExtra } from './encode-parts.ts'
import { finishDetails, writeFinishReason } from './finish.ts'
import type { JsonObject } from '../json.ts'
import { writeReasoningDetails } from './reasoning.ts'
import { writeUsage } from './usage.ts'

/** A whole answer as OpenAI's `chat.completion`. */
export function encodeAnswer(answer: ChatAnswer, context: EncodeContext): JsonObject {
  return {
    id: answer.id ?? completionId(),
    object: 'chat.completion',
    created: answer.created ?? now(),
    model: answer.model ?? context.model,
    choices: answer.choices.map((choice, index) => writeChoice(choice, index, context.chat?.oldFunctionCall)),
    ...(answer.usage && { usage: writeUsage(answer.usage) }),
    ...topLevelExtra(answer.extra),
  }
}

function writeChoice(choice: ChatChoice, index: number, oldFunctionCall?: boolean): JsonObject {
  const { choice: beside, message: within } = splitExtra(choice.extra)
  const refusal = choice.content.some((part) => part.type === 'refusal')
  const toolCalls = choice.content.some((part) => part.type === 'tool-call')
  const reason = choice.finishReason ?? 'error'
  const written = writeFinishReason(reason, { refusal, toolCalls, oldFunctionCall })
  return {
    index,
    message: { ...writeMessage(choice.content, oldFunctionCall), ...within },
    logprobs: choice.logprobs
      ? { content: choice.logprobs.content ?? null, refusal: choice.logprobs.refusal ?? null }
      : null,
    finish_reason: written,
    ...finishDetails({ reason, native: choice.native, stopSequence: choice.stopSequence, written }),
    ...beside,
  }
}

/**
 * The assistant's message. Reasoning is there twice: `reasoning_content` for clients that show it, `reasoning_details` with
 * the proofs for those that send the message back. The old form of calls has place for one, and a provider may make more though it was
 * asked not to: the first is told, and a model that is answered it asks for the rest again.
 */
function writeMessage(parts: readonly AssistantPart[], oldFunctionCall?: boolean): JsonObject {
  const text: string[] = []
  const refusal: string[] = []
  const reasoning: ReasoningPart[] = []
  const calls: JsonObject[] = []
  const images: JsonObject[] = []
  const proofs = callProofs(parts)
  for (const part of parts) {
    switch (part.type) {
      case 'text':
        text.push(part.text)
        break
      case 'refusal':
        refusal.push(part.refusal)
        break
      case 'reasoning':
        reasoning.push(part)
        break
      case 'tool-call':
        calls.push({
          id: part.id,
          ...(part.kind === 'custom'
            ? { type: 'custom', custom: { name: part.name, input: part.arguments } }
            : { type: 'function', function: { name: part.name, arguments: part.arguments } }),
          ...proofs.get(part.id),
        })
        break
      case 'image':
        // The place OpenRouter gave to images a model makes.
        if (part.source.type === 'base64' || part.source.type === 'url') {
          const { source } = part
          const url = source.type === 'url' ? source.url : dataUrl(source.mediaType, source.data)
          images.push({ type: 'image_url', image_url: { url } })
          break
        }
        throw new TypeError(`an answer's image cannot be given as ${part.source.type}`)
      case 'file':
      case 'audio':
        throw new TypeError(`a chat completion has no place for a ${part.type} part; use its \`extra\``)
    }
  }
  const words = reasoning.map((part) => part.text).join('')
  const silent = calls.length > 0 || refusal.length > 0
  return {
    role: 'assistant',
    content: text.length > 0 ? text.join('') : silent ? null : '',
    refusal: refusal.length > 0 ? refusal.join('') : null,
    ...(words !== '' && { reasoning_content: words }),
    ...(reasoning.length > 0 && { reasoning_details: reasoning.flatMap(writeReasoningDetails) }),
    ...(calls.length > 0 && (oldFunctionCall ? { function_call: calls[0]?.['function'] } : { tool_calls: calls })),
    ...(images.length > 0 && { images }),
  }
}
