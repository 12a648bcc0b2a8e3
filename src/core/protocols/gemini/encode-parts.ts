import type { AssistantPart, ChatChoice, Extra, ReasoningPart, Usage } from '../../chat/index.ts'
import { answerImages } from '../answer-images.ts'
import type { AnswerImage } from '../answer-images.ts'
import { CANDIDATE_EXTRA } from './fields.ts'
import { compact, isObject, objects, parseObject, pick } from '../json.ts'
import type { JsonObject } from '../json.ts'
import { writeMedia } from './media.ts'
import { packProof } from './packed-proof.ts'
import { writeUsage } from './usage.ts'
import { randomHex } from '../../text/random-hex.ts'

/** What an answer says of itself, on every message of a stream. */
export interface AnswerHead {
  responseId: string
  modelVersion: string
}

export function answerHead(id: string | undefined, model: string): AnswerHead {
  return { responseId: id ?? randomHex(), modelVersion: model }
}

/** A GenerateContentResponse. */
export function writeResponse(
  candidates: JsonObject[],
  usage: Usage | undefined,
  { responseId, modelVersion }: AnswerHead,
  promptFeedback?: unknown,
): JsonObject {
  return compact({
    candidates: candidates.length > 0 ? candidates : undefined,
    promptFeedback,
    usageMetadata: usage && writeUsage(usage),
    modelVersion,
    responseId,
  })
}

/** The part of a thought. A proof of another vendor's is packed (packed-proof.ts). */
export function writeThought(part: Omit<ReasoningPart, 'type'>): JsonObject {
  const own = part.format === 'google-gemini-v1'
  return compact({ text: part.text, thought: true, thoughtSignature: own ? part.signature : packProof(part) })
}

/** Whether a reasoning part carries the signature of something that is no thought (signatures.ts). */
export function isCarrier(part: Omit<ReasoningPart, 'type'>): boolean {
  return part.format === 'google-gemini-v1' && part.text === '' && part.signature !== undefined
}

/**
 * The part of a call; `malformed` where its arguments are no JSON object, which Gemini tells by a finish reason and has no other
 * place for. A custom tool's free text is the one argument `input`.
 */
export function writeCall(
  call: { id: string; name: string; kind: 'function' | 'custom'; arguments: string },
  signature: string | undefined,
): { part?: JsonObject; malformed?: string } {
  const args = call.kind === 'custom' ? { input: call.arguments } : readArguments(call.arguments)
  if (!args) return { malformed: `Malformed function call: ${call.name}` }
  return { part: compact({ functionCall: { id: call.id, name: call.name, args }, thoughtSignature: signature }) }
}

function readArguments(words: string): JsonObject | undefined {
  return words.trim() === '' ? {} : parseObject(words)
}

/** The parts of a whole answer. */
export function writeParts(content: readonly AssistantPart[]): { parts: JsonObject[]; malformed?: string } {
  const parts: JsonObject[] = []
  const signatures = new Map<string, string>()
  let malformed: string | undefined
  for (const part of content) {
    switch (part.type) {
      case 'text':
        parts.push({ text: part.text })
        break
      case 'refusal':
        parts.push({ text: part.refusal })
        break
      case 'reasoning':
        if (!isCarrier(part)) parts.push(writeThought(part))
        else if (part.id !== undefined) signatures.set(part.id, part.signature ?? '')
        else parts.push({ text: '', thoughtSignature: part.signature })
        break
      case 'tool-call': {
        const written = writeCall(part, signatures.get(part.id))
        if (written.part) parts.push(written.part)
        malformed ??= written.malformed
        break
      }
      case 'image':
      case 'file':
      case 'audio':
        parts.push(writeMedia(part, {}, 'content'))
        break
    }
  }
  return compact({ parts, malformed })
}

/** What of an answer's `extra` is parts: images a model made, and what only Gemini has. */
export function extraParts(extra: Extra | undefined): JsonObject[] {
  return [...answerImages(extra).map(imagePart), ...objects(extra?.['parts'])]
}

export function imagePart(image: AnswerImage): JsonObject {
  return 'url' in image
    ? { fileData: { fileUri: image.url } }
    : compact({ inlineData: { mimeType: image.mediaType, data: image.data }, thoughtSignature: image.signature })
}

/** What of an answer's `extra` stands beside the content. */
export function candidateExtra(extra: Extra | undefined): JsonObject {
  return pick(extra, CANDIDATE_EXTRA) ?? {}
}

/** Whether a choice is a prompt that was refused, which Gemini tells without a candidate. */
export function isBlockedPrompt({ content, extra }: Pick<ChatChoice, 'content' | 'extra'>): boolean {
  return content.length === 0 && isObject(extra?.['promptFeedback'])
}
