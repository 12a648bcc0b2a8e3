import type { AssistantPart, ChatAnswer, ChatChoice, LogProbs, RefusalPart, TextPart } from '../../chat/index.ts'
import { answerImages, linkTo } from '../answer-images.ts'
import type { AnswerImage } from '../answer-images.ts'
import { isObject, objects } from '../json.ts'
import type { JsonObject } from '../json.ts'
import type { EncodeContext } from '../protocol.ts'
import { CallItems, newCall } from './call-items.ts'
import { annotationsOf, imageItem, messageItem, newId, outcomeOf, reasoningId, reasoningItem } from './items.ts'
import type { ItemStatus } from './items.ts'
import { factsOfResponse, messagesOf } from './own-facts.ts'
import type { OwnMessage } from './own-facts.ts'
import { responseFacts, writeResponse } from './response.ts'
import { kept } from './wire.ts'

/** A whole answer as OpenAI's `response`. */
export function encodeAnswer(answer: ChatAnswer, context: EncodeContext): JsonObject {
  const choice: ChatChoice = answer.choices[0] ?? { content: [] }
  const refused = choice.content.some((part) => part.type === 'refusal')
  const outcome = outcomeOf(choice.finishReason ?? 'error', refused, choice.native)
  const facts = responseFacts(answer, context.model)
  const output = writeOutput(choice, context, outcome.status === 'incomplete' ? 'incomplete' : 'completed')
  return { ...factsOfResponse(kept(choice)), ...writeResponse(facts, context, output, outcome, answer.usage) }
}

function writeOutput(choice: ChatChoice, context: EncodeContext, end: ItemStatus): JsonObject[] {
  const calls = new CallItems(context.chat?.tools)
  const output: JsonObject[] = []
  const wire = kept(choice)
  const messages = messagesOf(wire)
  const wordsOfMessages = new Map<OwnMessage, JsonObject[]>()
  let words: JsonObject[] | undefined
  let said = 0
  for (const part of choice.content) {
    if (part.type !== 'text' && part.type !== 'refusal') {
      words = undefined
      output.push(writeItem(part, calls, wire))
      continue
    }
    const whole = wordsOf(part)
    const cuts = messages.map(({ from }) => from - said).filter((at) => at > 0 && at < whole.length)
    ;[0, ...cuts].forEach((from, index) => {
      const begins = messages.findLast((message) => message.from <= said + from)
      if (!words || begins?.from === said + from) {
        words = []
        output.push(messageItem(newId('msg'), words, 'completed', begins?.item))
        if (begins) wordsOfMessages.set(begins, words)
      }
      words.push(writeWords(part.type, whole.slice(from, cuts[index])))
    })
    said += whole.length
  }
  if (wordsOfMessages.size === 0) addAnnotations(output, choice)
  for (const [{ annotations }, parts] of wordsOfMessages) annotate(lastText(parts), annotations)
  addLogProbs(output, choice.logprobs)
  const last = output.at(-1)
  if (last?.['type'] === 'message') last['status'] = end
  for (const image of answerImages(choice.extra)) output.push(writeImage(image))
  const { items } = wire
  for (const { item, at } of objects(items)) {
    if (isObject(item)) output.splice(typeof at === 'number' && at >= 0 ? at : output.length, 0, item)
  }
  return output
}

function wordsOf(part: TextPart | RefusalPart): string {
  return part.type === 'refusal' ? part.refusal : part.text
}

function writeWords(type: 'text' | 'refusal', words: string): JsonObject {
  return type === 'refusal'
    ? { type, refusal: words }
    : { type: 'output_text', annotations: [], logprobs: [], text: words }
}

function writeItem(part: AssistantPart, calls: CallItems, wire: JsonObject): JsonObject {
  switch (part.type) {
    case 'tool-call':
      return calls.ended(newCall(part.id, part), part.arguments, 'completed', wire)
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
  return messageItem(newId('msg'), [writeWords('text', linkTo(image).text)], 'completed')
}

/** Which text they belong to is not told but by OpenAI itself: the last one. */
function addAnnotations(output: JsonObject[], choice: ChatChoice): void {
  annotate(lastText(partsOf(output)), annotationsOf(choice.extra ?? {}, kept(choice)))
}

function annotate(text: JsonObject | undefined, annotations: JsonObject[]): void {
  if (text) text['annotations'] = annotations
}

function addLogProbs(output: JsonObject[], logprobs: LogProbs | undefined): void {
  const text = lastText(partsOf(output))
  if (text && logprobs?.content) text['logprobs'] = logprobs.content
}

function lastText(parts: JsonObject[]): JsonObject | undefined {
  return parts.findLast(({ type }) => type === 'output_text')
}

function partsOf(output: JsonObject[]): JsonObject[] {
  return output.flatMap(({ content }) => objects(content))
}
