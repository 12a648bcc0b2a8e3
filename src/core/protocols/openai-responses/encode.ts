import type { AssistantPart, ChatAnswer, ChatChoice, LogProbs } from '../../chat/index.ts'
import { answerImages, linkTo } from '../answer-images.ts'
import type { AnswerImage } from '../answer-images.ts'
import { isObject } from '../json.ts'
import type { JsonObject } from '../json.ts'
import type { EncodeContext } from '../protocol.ts'
import {
  annotationsOf,
  callItem,
  imageItem,
  messageItem,
  newId,
  outcomeOf,
  reasoningId,
  reasoningItem,
} from './items.ts'
import type { ItemStatus } from './items.ts'
import { namespacedNames } from './namespace.ts'
import type { NamespacedName } from './namespace.ts'
import { responseFacts, writeResponse } from './response.ts'
import { kept } from './wire.ts'

/** A whole answer as OpenAI's `response`. */
export function encodeAnswer(answer: ChatAnswer, context: EncodeContext): JsonObject {
  const choice: ChatChoice = answer.choices[0] ?? { content: [] }
  const refused = choice.content.some((part) => part.type === 'refusal')
  const outcome = outcomeOf(choice.finishReason ?? 'error', refused)
  const facts = responseFacts(answer, context.model)
  const output = writeOutput(choice, context, outcome.status === 'incomplete' ? 'incomplete' : 'completed')
  return writeResponse(facts, context, output, outcome, answer.usage)
}

function writeOutput(choice: ChatChoice, context: EncodeContext, end: ItemStatus): JsonObject[] {
  const names = namespacedNames(context.chat?.tools)
  const output: JsonObject[] = []
  let words: JsonObject[] | undefined
  for (const part of choice.content) {
    if (part.type === 'text' || part.type === 'refusal') {
      if (!words) {
        words = []
        output.push(messageItem(newId('msg'), words, 'completed'))
      }
      words.push(writeWords(part))
      continue
    }
    words = undefined
    output.push(writeItem(part, names))
  }
  addAnnotations(output, choice)
  addLogProbs(output, choice.logprobs)
  const last = output.at(-1)
  if (last?.['type'] === 'message') last['status'] = end
  for (const image of answerImages(choice.extra)) output.push(writeImage(image))
  const { items } = kept(choice)
  for (const raw of Array.isArray(items) ? (items as unknown[]) : []) {
    if (!isObject(raw) || !isObject(raw['item'])) continue
    const at = typeof raw['at'] === 'number' && raw['at'] >= 0 ? raw['at'] : output.length
    output.splice(at, 0, raw['item'])
  }
  return output
}

function writeWords(part: Extract<AssistantPart, { type: 'text' | 'refusal' }>): JsonObject {
  return part.type === 'refusal'
    ? { type: 'refusal', refusal: part.refusal }
    : { type: 'output_text', annotations: [], logprobs: [], text: part.text }
}

function writeItem(part: AssistantPart, names: Map<string, NamespacedName>): JsonObject {
  switch (part.type) {
    case 'tool-call': {
      const { id: callId, kind, name } = part
      const id = newId(kind === 'custom' ? 'ctc' : 'fc')
      return callItem({ id, callId, kind, name }, part.arguments, names, 'completed')
    }
    case 'reasoning': {
      const summary = part.summary === true || part.format !== 'openai-responses-v1'
      return reasoningItem({ id: reasoningId(part.id), text: part.text, summary, proof: part })
    }
    default:
      throw new TypeError(`a response has no place for a ${part.type} part; use its \`extra\``)
  }
}

function writeImage(image: AnswerImage): JsonObject {
  if ('data' in image) return imageItem(newId('ig'), image.data, 'completed')
  return messageItem(newId('msg'), [writeWords(linkTo(image))], 'completed')
}

/** Which text they belong to is not told: the last one. */
function addAnnotations(output: JsonObject[], choice: ChatChoice): void {
  const annotations = annotationsOf(choice.extra ?? {}, kept(choice))
  const text = lastText(output)
  if (text) text['annotations'] = annotations
}

function addLogProbs(output: JsonObject[], logprobs: LogProbs | undefined): void {
  const text = lastText(output)
  if (text && logprobs?.content) text['logprobs'] = logprobs.content
}

function lastText(output: JsonObject[]): JsonObject | undefined {
  const parts = output.flatMap(({ content }): unknown[] => (Array.isArray(content) ? content : []))
  return parts.filter(isObject).findLast(({ type }) => type === 'output_text')
}
