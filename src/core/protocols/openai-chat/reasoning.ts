import { addProof, reasoningFormatOf } from '../../chat/index.ts'
import type { ReasoningFormat, ReasoningPart, ReasoningProof } from '../../chat/index.ts'
import { compact, isObject, text, withExtra } from '../json.ts'
import type { JsonObject } from '../json.ts'

/*
 * Reasoning in `reasoning_details`, the form OpenRouter gave it: a list of
 *   { type: 'reasoning.text', text, signature }
 *   { type: 'reasoning.summary', summary }
 *   { type: 'reasoning.encrypted', data }
 * each with `id`, `format` and `index`. Streams send fragments with the same `index`, and many clients send those back as
 * they came, so reading joins them.
 *
 * Source: openrouter.ai/docs/use-cases/reasoning-tokens; the schemas in @openrouter/ai-sdk-provider
 * src/schemas/reasoning-details.ts.
 */

const CLAUDE: ReasoningFormat = 'anthropic-claude-v1'

/** One detail, or one fragment of it. */
export interface ReasoningPiece extends ReasoningProof {
  text: string
  /** The wire's own index. */
  index?: number
  extra?: Record<string, unknown>
}

/** Reads one detail; `undefined` for a type this code does not know. */
export function readReasoningDetail(value: unknown): ReasoningPiece | undefined {
  if (!isObject(value)) return undefined
  const { type, text: plain, summary, data, signature, id, format, index, ...rest } = value
  const piece: ReasoningPiece = { text: '' }
  if (type === 'reasoning.text') piece.text = text(plain) ?? ''
  else if (type === 'reasoning.summary') Object.assign(piece, { text: text(summary) ?? '', summary: true })
  else if (type === 'reasoning.encrypted') piece.encrypted = text(data)
  else return undefined
  piece.signature = text(signature)
  piece.id = text(id)
  if (typeof index === 'number') piece.index = index
  if (typeof format === 'string') {
    const known = readFormat(format)
    piece.format = known ?? 'unknown'
    if (known === undefined) rest['format'] = format
  }
  if (Object.keys(rest).length > 0) piece.extra = rest
  return compact(piece)
}

/**
 * Helpers of openai-python join what has one `index`, each text in it: a format comes back as often as there were deltas (its
 * src/openai/lib/streaming/_deltas.py, `accumulate_delta`).
 */
function readFormat(words: string): ReasoningFormat | undefined {
  const [, once = words] = /^(.+?-v1)(?:\1)+$/.exec(words) ?? []
  return reasoningFormatOf(once)
}

/** A part as details, all under one index. `format` says whose proof it is, where that is known. */
export function writeReasoningDetails(part: Omit<ReasoningPart, 'type'>, index: number): JsonObject[] {
  const common = compact({ id: part.id, format: part.extra?.['format'] ?? part.format ?? 'unknown', index })
  const details: JsonObject[] = []
  if (part.text !== '' || part.signature !== undefined || part.encrypted === undefined) {
    details.push(
      part.summary
        ? compact({ type: 'reasoning.summary', summary: part.text, signature: part.signature, ...common })
        : compact({ type: 'reasoning.text', text: part.text, signature: part.signature, ...common }),
    )
  }
  if (part.encrypted !== undefined) details.push({ type: 'reasoning.encrypted', data: part.encrypted, ...common })
  return details.map((detail, at) => (at === 0 ? withExtra(detail, part.extra) : detail))
}

/** A signature that follows the text it signs, in a detail without one of its own: {@link isBareSignature}. */
export function writeBareSignature({ signature, format }: ReasoningProof, index: number): JsonObject | undefined {
  if (format !== CLAUDE || signature === undefined) return undefined
  return { type: 'reasoning.text', signature, format, index }
}

/**
 * Whether it is a signature alone, of a thought that had a text. The stream helper of openai-node keeps the last value of a field that is not
 * OpenAI's (its src/lib/ChatCompletionStream.ts, `Object.assign(choice.message, rest)`), and Claude refuses the one without the other:
 * "Invalid `signature` in `thinking` block".
 */
export function isBareSignature(detail: unknown): boolean {
  return isObject(detail) && detail['format'] === CLAUDE && 'signature' in detail && !('text' in detail)
}

interface Slot {
  wireIndex: number | undefined
  id: string | undefined
  summary: boolean | undefined
  signed: boolean
  encrypted: boolean
}

/** Says which piece belongs to which part of one choice, counting parts from 0. */
export class ReasoningSlots {
  readonly #slots: Slot[] = []

  of(piece: ReasoningPiece): number {
    let at = this.#slots.findLastIndex((slot) => isSame(slot, piece))
    if (at === -1 || !accepts(this.#slots[at], piece)) {
      at = this.#slots.length
      this.#slots.push({ wireIndex: piece.index, id: piece.id, summary: undefined, signed: false, encrypted: false })
    }
    const slot = this.#slots[at]
    if (slot) {
      slot.id ??= piece.id
      if (piece.text !== '') slot.summary = piece.summary ?? false
      if (piece.signature !== undefined) slot.signed = true
      if (piece.encrypted !== undefined) slot.encrypted = true
    }
    return at
  }
}

function isSame(slot: Slot, piece: ReasoningPiece): boolean {
  if (slot.id !== undefined && piece.id !== undefined) return slot.id === piece.id
  return slot.wireIndex === piece.index
}

/** A part that carries its proof is whole: more text, or another proof of the same kind, begins the next. */
function accepts(slot: Slot | undefined, piece: ReasoningPiece): boolean {
  if (!slot) return false
  if (piece.encrypted !== undefined && slot.encrypted) return false
  if (piece.text === '') return true
  return !slot.signed && (slot.summary === undefined || slot.summary === (piece.summary ?? false))
}

/** Joins pieces into the parts they are fragments of. */
function joinReasoning(pieces: ReasoningPiece[]): ReasoningPart[] {
  const slots = new ReasoningSlots()
  const parts: ReasoningPart[] = []
  for (const piece of pieces) {
    const part = (parts[slots.of(piece)] ??= { type: 'reasoning', text: '' })
    part.text += piece.text
    addProof(part, { ...piece, summary: piece.text === '' ? undefined : piece.summary })
    if (piece.extra) part.extra = { ...part.extra, ...piece.extra }
  }
  return parts
}

/**
 * The reasoning of a whole message, from whichever fields carry it: `reasoning_details`, or the plain text that DeepSeek
 * and its kin call `reasoning_content`, OpenRouter and vLLM `reasoning`. Where both are there they tell the same text.
 */
export function readReasoning(details: ReasoningPiece[], plain: string | undefined): ReasoningPart[] {
  const parts = joinReasoning(details)
  if (plain === undefined || parts.some((part) => part.text !== '')) return parts
  // The proof came without the text it signs; that was sent beside it.
  const textless = parts.filter((part) => part.encrypted === undefined)
  const [only] = textless
  if (only && textless.length === 1) {
    only.text = plain
    return parts
  }
  return [{ type: 'reasoning', text: plain }, ...parts]
}
