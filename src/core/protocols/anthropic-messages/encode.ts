import type { AssistantPart, ChatAnswer, ChatChoice, Extra, ReasoningPart, ToolCallPart } from '../../chat/index.ts'
import { answerImages, linkTo } from '../answer-images.ts'
import type { AnswerImage } from '../answer-images.ts'
import type { EncodeContext } from '../protocol.ts'
import { BLOCKS, CALLERS, CITATIONS, keptBlocks, keptCitations } from './blocks.ts'
import { writeStopReason } from './finish.ts'
import { compact, isObject, parseJson, withExtra } from '../json.ts'
import type { JsonObject } from '../json.ts'
import { provesNothing, writeRedacted, writeSignature } from './proof.ts'
import { writeUsage } from './usage.ts'
import { randomHex } from '../../text/random-hex.ts'

export function messageId(): string {
  return `msg_${randomHex()}`
}

/** A whole answer as Anthropic's `Message`. Its format has room for one choice. */
export function encodeAnswer(answer: ChatAnswer, { model }: EncodeContext): JsonObject {
  const choice: ChatChoice = answer.choices[0] ?? { content: [] }
  const { finishReason = 'error', native, stopSequence } = choice
  const message: JsonObject = {
    id: answer.id ?? messageId(),
    type: 'message',
    role: 'assistant',
    model: answer.model ?? model,
    content: writeContent(choice),
    stop_reason: writeStopReason(finishReason, native, stopSequence),
    stop_sequence: stopSequence ?? null,
    usage: writeUsage(answer.usage),
  }
  return withExtra(withExtra(message, besideContent(choice.extra)), answer.extra)
}

/** What of an answer's extra is not within its content. */
export function besideContent(extra: Extra | undefined): Extra {
  const { [BLOCKS]: _, [CITATIONS]: __, [CALLERS]: ___, images: ____, ...rest } = extra ?? {}
  return rest
}

function writeContent({ content, extra }: ChatChoice): JsonObject[] {
  const kept = keptBlocks(extra)
  const cited = keptCitations(extra)
  const blocks: JsonObject[] = []
  content.forEach((part, index) => {
    if (part.type !== 'text') {
      blocks.push(...kept.filter((at) => at.part === index).map(({ block }) => block), ...writePart(part, extra))
      return
    }
    // A text is one part however many blocks it came in: it is cut where citations begin and end, and where a block stood.
    const here = kept.filter((at) => at.part === index)
    const stretches = cited.filter((at) => at.part === index)
    const cuts = new Set([0, part.text.length, ...here.map(({ offset }) => offset)])
    for (const { offset, end } of stretches) cuts.add(offset).add(end)
    const places = [...cuts].sort((a, b) => a - b)
    places.forEach((from, at) => {
      const to = places[at + 1] ?? from
      blocks.push(...here.filter(({ offset }) => offset === from).map(({ block }) => block))
      if (to === from) return
      const citations = stretches.find((stretch) => stretch.offset === from)?.citations
      blocks.push(compact({ type: 'text', text: part.text.slice(from, to), citations }))
    })
  })
  blocks.push(...kept.filter((at) => at.part >= content.length).map(({ block }) => block))
  blocks.push(...answerImages(extra).map((image) => ({ type: 'text', text: tellImage(image) })))
  return blocks
}

/** What is said in the place of an image a model made: a message of Anthropic's answers with no image (`ContentBlock` of its SDK). */
export function tellImage(image: AnswerImage): string {
  if ('url' in image) return linkTo(image).text
  const others = 'Chat Completions, Responses or generateContent'
  return `[byok: the model made an image (${image.mediaType}) here, which the Messages API has no place for. Ask for it by ${others}.]`
}

function writePart(part: AssistantPart, extra: Extra | undefined): JsonObject[] {
  switch (part.type) {
    case 'text':
      return [{ type: 'text', text: part.text }]
    case 'refusal':
      return [{ type: 'text', text: part.refusal }]
    case 'reasoning':
      return writeReasoning(part)
    case 'tool-call':
      return [{ ...toolUse(part, extra), input: inputOf(part) }]
    case 'image':
    case 'file':
    case 'audio':
      throw new TypeError(`an Anthropic message has no place for a ${part.type} part; use its \`extra\``)
  }
}

function writeReasoning(part: ReasoningPart): JsonObject[] {
  const redacted = part.text === '' && part.encrypted !== undefined
  if (redacted) return [{ type: 'redacted_thinking', data: writeRedacted(part) }]
  if (part.text === '' && provesNothing(part)) return []
  return [{ type: 'thinking', thinking: part.text, signature: writeSignature(part) }]
}

/** A `tool_use` block but for its input. */
export function toolUse({ id, name }: Pick<ToolCallPart, 'id' | 'name'>, extra: Extra | undefined): JsonObject {
  const callers = extra?.[CALLERS]
  const caller = isObject(callers) ? callers[id] : undefined
  return { type: 'tool_use', id, name, ...(isObject(caller) && caller) }
}

/** `input` is an object: what is none goes under the name that custom tools have for it. */
function inputOf({ kind, arguments: words }: Pick<ToolCallPart, 'kind' | 'arguments'>): JsonObject {
  if (kind === 'custom') return { input: words }
  if (words.trim() === '') return {}
  const value = parseJson(words)
  return isObject(value) ? value : { input: words }
}
