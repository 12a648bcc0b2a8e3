import { callInput, DRAWN, FREE_TEXT, invalidRequest, isSystem, withResultsInPlace } from '../../chat/index.ts'
import type {
  AssistantMessage,
  AudioPart,
  ChatMessage,
  FilePart,
  ImagePart,
  ReasoningPart,
  TextPart,
  ToolCallPart,
  ToolMessage,
} from '../../chat/index.ts'
import { answerImages } from '../answer-images.ts'
import { imagePart } from './encode-parts.ts'
import { OTHER_PARTS, PART_EXTRA } from './fields.ts'
import { isVideo } from '../openai-chat/video.ts'
import { compact, isObject, parseJson, pick, withExtra } from '../json.ts'
import type { JsonObject } from '../json.ts'
import { endsWithUser, GO_ON, NO_TEXT, OPENING } from '../opening.ts'
import { writeMedia } from './media.ts'
import { modelFacts } from './model.ts'
import type { ModelFacts } from './model.ts'
import type { GeminiOptions } from './options.ts'
import { carriesProof, NO_SIGNATURE, placeSignatures, proofOf, SIGNATURE } from './signatures.ts'

/** One turn as it is built. */
interface Content {
  role: 'user' | 'model'
  parts: JsonObject[]
}

/** Where the conversation goes: what leads it, and its turns. */
export interface WrittenContents {
  systemInstruction: JsonObject | undefined
  contents: Content[]
}

/**
 * Writes messages as `contents`. Neighbours of one role become one turn, results of parallel calls among them, for Gemini wants
 * as many results after a turn as it had calls. System messages that lead become the `systemInstruction`; later ones stand in
 * their place, as the user's words, since Gemini knows no system role within a conversation.
 */
export function writeContents(given: readonly ChatMessage[], model: string, options: GeminiOptions): WrittenContents {
  const messages = withResultsInPlace(given)
  const lead = messages.findIndex((message) => !isSystem(message))
  const leading = messages.slice(0, lead === -1 ? messages.length : lead)
  const says = saying(options)
  const system = leading.flatMap((message) => textsOf(message)).filter(says)
  const writer = new ContentWriter(model, options)
  messages.slice(leading.length).forEach((message, at) => writer.push(message, leading.length + at))
  if (writer.contents.length === 0) {
    if (system.length === 0) throw invalidRequest('There is no message with content in `messages`.', 'messages')
    return { systemInstruction: undefined, contents: [{ role: 'user', parts: system }] }
  }
  // A conversation begins with the user (CLIProxyAPI internal/runtime/executor/helps/gemini_content_turns.go).
  const opening = options.blankTexts === false ? OPENING : ''
  if (writer.contents[0]?.role === 'model') writer.contents.unshift({ role: 'user', parts: [{ text: opening }] })
  const facts = modelFacts(model)
  if (writer.contents.at(-1)?.role === 'model' && (endsWithUser(messages) || !facts.prefill)) {
    writer.contents.push({ role: 'user', parts: [{ text: endsWithUser(messages) ? NO_TEXT : GO_ON }] })
  }
  if (options.signatures === undefined && facts.signedCalls) {
    signOpenCalls(writer.contents)
    if (facts.draws) signDrawn(writer.contents)
  }
  return { systemInstruction: system.length > 0 ? { parts: system } : undefined, contents: writer.contents }
}

function textsOf(message: ChatMessage): JsonObject[] {
  return message.content.flatMap((part) => (part.type === 'text' ? [writeText(part)] : []))
}

/** Text; or a part of a kind that only Gemini has, which stands in the `extra` of an empty text. */
function writeText({ text, extra }: TextPart): JsonObject {
  const own = pick(extra, PART_EXTRA)
  const other = own !== undefined && text === '' && Object.keys(own).some((name) => OTHER_PARTS.has(name))
  return other ? own : withExtra({ text }, own)
}

/**
 * Whether a part says anything. An empty text is left out: "required oneof field 'data' must have one initialized field"
 * (CLIProxyAPI internal/translator/antigravity/claude/antigravity_claude_request.go); one with a signature is not empty.
 */
function saying({ blankTexts }: GeminiOptions): (part: JsonObject) => boolean {
  return ({ text, ...beside }) => {
    if (typeof text !== 'string' || Object.keys(beside).length > 0) return true
    return (blankTexts === false ? text.trim() : text) !== ''
  }
}

class ContentWriter {
  readonly contents: Content[] = []
  readonly #says: (part: JsonObject) => boolean
  readonly #options: GeminiOptions
  readonly #facts: ModelFacts
  /** Of the calls so far, by their ids. Some servers begin to count anew in each answer, so the nearest call before a result is its own. */
  readonly #names = new Map<string, string>()

  constructor(model: string, options: GeminiOptions) {
    this.#options = options
    this.#facts = modelFacts(model)
    this.#says = saying(options)
  }

  push(message: ChatMessage, index: number): void {
    const path = `messages[${index}]`
    switch (message.role) {
      case 'system':
      case 'developer':
        return this.#add('user', textsOf(message))
      case 'user':
        return this.#add(
          'user',
          message.content.flatMap((part, at): JsonObject[] =>
            part.type === 'text' ? [writeText(part)] : this.#media(part, `${path}.content[${at}]`),
          ),
        )
      case 'assistant':
        return this.#add('model', this.#assistant(message, path))
      case 'tool':
        return this.#add('user', this.#tool(message, path))
    }
  }

  /**
   * Gemini's model is not told the name of a file, by which a user may speak of it (`displayName` of `Blob` in @google/genai: "used in the Gemini
   * calls only when server-side tools … are enabled"), so it stands before the file. Videos of other clients have none but byok's.
   */
  #media(part: ImagePart | FilePart | AudioPart, path: string): JsonObject[] {
    const written = writeMedia(part, this.#options, path)
    const name = leadOf(part)
    return name === undefined ? [written] : [{ text: name }, written]
  }

  #add(role: Content['role'], given: JsonObject[]): void {
    const parts = given.filter(this.#says)
    if (parts.length === 0) return
    const last = this.contents.at(-1)
    if (last?.role === role) last.parts.push(...parts)
    else this.contents.push({ role, parts })
  }

  #assistant(message: AssistantMessage, path: string): JsonObject[] {
    const format = this.#options.signatures ?? 'google-gemini-v1'
    const { calls, text: onText } = placeSignatures(message.content, format)
    const parts: JsonObject[] = []
    let lastText: JsonObject | undefined
    message.content.forEach((part, index) => {
      switch (part.type) {
        case 'text': {
          const drawn = this.#drawn(part.extra && Reflect.get(part.extra, DRAWN))
          if (drawn.length > 0) return parts.push(...drawn)
          lastText = writeText(part)
          return parts.push(lastText)
        }
        case 'refusal':
          return parts.push({ text: part.refusal })
        case 'reasoning':
          return part.format === format ? parts.push(...this.#thought(part)) : undefined
        case 'tool-call':
          this.#names.set(part.id, part.name)
          return parts.push(this.#call(part, this.#written(calls.get(part))))
        case 'image':
        case 'file':
        case 'audio':
          return parts.push(this.#ownMedia(part, `${path}.content[${index}]`))
      }
    })
    parts.push(...this.#drawn(message.extra?.['images']))
    const signature = this.#written(onText)
    if (signature !== undefined && lastText) lastText['thoughtSignature'] = signature
    else if (signature !== undefined) parts.push({ text: '', thoughtSignature: signature })
    return parts
  }

  /** Media of the model's own, with its signature. */
  #ownMedia(part: ImagePart | FilePart | AudioPart, path: string): JsonObject {
    const signature = this.#options.signatures === undefined ? part.extra?.[SIGNATURE] : undefined
    return compact({ ...writeMedia(part, this.#options, path), [SIGNATURE]: signature })
  }

  /** What the model drew, as clients of Chat Completions and Responses have it back: "now in blue" is said of that. */
  #drawn(images: unknown): JsonObject[] {
    if (!this.#facts.draws) return []
    return answerImages({ images }).flatMap((image) => ('data' in image ? [imagePart(image)] : []))
  }

  /** A thought of this provider's own. Carriers are placed elsewhere; Claude takes none without its proof. */
  #thought(part: ReasoningPart): JsonObject[] {
    const proof = carriesProof(part) ? undefined : this.#written(proofOf(part))
    if (part.text === '' || (this.#options.signatures !== undefined && proof === undefined)) return []
    return [
      withExtra(compact({ text: part.text, thought: true, thoughtSignature: proof }), pick(part.extra, PART_EXTRA)),
    ]
  }

  #written(proof: string | undefined): string | undefined {
    const { proofs } = this.#options
    return proof === undefined || !proofs ? proof : proofs.write(proof)
  }

  #call(part: ToolCallPart, signature: string | undefined): JsonObject {
    const args = part.kind === 'custom' ? { [FREE_TEXT]: part.arguments } : callInput(part.arguments)
    const functionCall = { id: part.id, name: part.name, args }
    return withExtra(compact({ functionCall, thoughtSignature: signature }), pick(part.extra, PART_EXTRA))
  }

  #tool(message: ToolMessage, path: string): JsonObject[] {
    const name = this.#names.get(message.toolCallId) ?? message.name
    if (name === undefined) {
      throw invalidRequest(
        `'tool_call_id' of '${path}' names no tool call of an earlier assistant message.`,
        `${path}.tool_call_id`,
      )
    }
    const texts: string[] = []
    const within: JsonObject[] = []
    const beside: JsonObject[] = []
    message.content.forEach((part, index) => {
      if (part.type === 'text') return texts.push(part.text)
      const name = leadOf(part)
      if (name !== undefined) texts.push(name)
      const media = writeMedia(part, this.#options, `${path}.content[${index}]`)
      return (this.#facts.mediaResults && mayStandWithin(media) ? within : beside).push(media)
    })
    const functionResponse = compact({
      id: message.toolCallId,
      name,
      response: writeResult(texts.join('\n'), message.isError === true),
      parts: within.length > 0 ? within : undefined,
    })
    return [withExtra({ functionResponse }, pick(message.extra, PART_EXTRA)), ...beside]
  }
}

/** What stands before a file: its name, where it has one of the client's. */
function leadOf(part: ImagePart | FilePart | AudioPart): string | undefined {
  return part.type === 'file' && part.filename !== undefined && !isVideo(part) ? `${part.filename}:` : undefined
}

/**
 * The object Gemini wants for a result: `output` or `error` around text (FunctionResponse.response in @google/genai). Text that is
 * a JSON object already, and loses nothing by being read as one, is given as it is; but not with a `$ref` in it, as a schema has, which
 * names a file beside the result: "The referenced name `#/$defs/…` in function_response.response does not match to a display_name in the
 * function_response.parts." (vercel/ai issue 14369, router-for-me/CLIProxyAPI issue 6065).
 */
function writeResult(words: string, isError: boolean): JsonObject {
  if (isError) return { error: words }
  const object = words.startsWith('{') ? parseJson(words) : undefined
  if (!isObject(object) || JSON.stringify(object) !== words || isPlainResult(object)) return { output: words }
  return words.includes('"$ref":') ? { output: words } : object
}

/** Whether an object is what text is wrapped in. */
export function isPlainResult(result: JsonObject): boolean {
  const [name, ...more] = Object.keys(result)
  return more.length === 0 && (name === 'output' || name === 'error') && typeof result[name] === 'string'
}

/** Media types a function's result may hold (ai.google.dev/gemini-api/docs/function-calling, "Multimodal function responses"). */
function mayStandWithin(media: JsonObject): boolean {
  const inline = media['inlineData']
  return isObject(inline) && /^(image\/(png|jpeg|webp)|application\/pdf|text\/plain)$/.test(String(inline['mimeType']))
}

/**
 * Gemini 3 refuses calls of the current turn without a signature, and signs the first of parallel calls. History that another
 * model made, or a client that kept no reasoning, has none.
 */
function signOpenCalls(contents: Content[]): void {
  const turn = contents.findLastIndex(({ role, parts }) => role === 'user' && parts.some((part) => 'text' in part))
  for (const { role, parts } of contents.slice(turn + 1)) {
    const first = role === 'model' ? parts.find((part) => 'functionCall' in part) : undefined
    if (first) first['thoughtSignature'] ??= NO_SIGNATURE
  }
}

/**
 * Models that draw want a signature on the first part of each turn of theirs and on each image: "Image part is missing a thought_signature in
 * content position 2, part position 1." (langchain-ai/langchain-google issue 1431, neuron-core/neuron-ai issue 476), "Text part is missing a
 * thought_signature …" (googleapis/js-genai issue 1116, lobehub/lobehub issue 10404). A client may have lost it, or another model spoken.
 */
function signDrawn(contents: Content[]): void {
  for (const { role, parts } of contents) {
    if (role !== 'model') continue
    const first = parts.find(({ thought }) => thought !== true)
    for (const part of parts) if (part === first || 'inlineData' in part) part[SIGNATURE] ??= NO_SIGNATURE
  }
}
