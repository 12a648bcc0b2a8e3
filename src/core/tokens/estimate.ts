import type { ChatMessage, ChatRequest, MediaSource } from '../chat/index.ts'

/*
 * A guess at how many tokens a request has, for providers that cannot be asked. Every vendor has a tokenizer of its own and most
 * publish none, so this counts characters by kind; it errs on the side of more, since clients use the number to tell when a
 * conversation no longer fits.
 */

/** Latin letters, digits and spaces to a token: a little under the four that OpenAI and Anthropic name for English. */
const LATIN = 3.6
/** Marks, as code and JSON are full of them, seldom share a token with another. */
const MARKS = 1.8
/** Other alphabets, such as Cyrillic and Arabic. */
const LETTERS = 2
/** Chinese characters, kana, hangul, emoji: about one each. */
const SIGNS = 1

/** What every message costs beside its words, and every tool beside its schema. */
const MESSAGE = 4
const TOOL = 12

/** Anthropic's figure for an image of the largest size it does not scale down (docs: build-with-claude/vision, about 1600). */
const IMAGE = 1600
/** Bytes of a PDF to a page, and tokens to a page (docs: build-with-claude/pdf-support, 1500 to 3000). */
const PAGE_BYTES = 50_000
const PAGE = 2200
/** Gemini's figure for audio, 32 tokens a second (ai.google.dev/gemini-api/docs/tokens); at 16 kB a second of mp3, 32 of wav. */
const AUDIO_BYTES: Record<string, number> = { mp3: 500, wav: 1000 }

/** Tokens of text. */
export function estimateText(text: string): number {
  const estimate = new TextEstimate()
  estimate.add(text)
  return estimate.tokens
}

/** Of text that comes in pieces, none of which is kept. */
export class TextEstimate {
  #latin = 0
  #marks = 0
  #letters = 0
  #signs = 0

  add(text: string): void {
    let latin = 0
    let marks = 0
    let letters = 0
    let signs = 0
    // By code and not by pattern: a prompt may have millions of them, and every stream waits.
    for (let at = 0; at < text.length; at++) {
      const code = text.codePointAt(at) ?? 0
      if (code < 0x80) {
        if (isLatin(code)) latin++
        else marks++
      } else if (code < 0x2e80) letters++
      else signs++
      if (code > 0xffff) at++
    }
    this.#latin += latin
    this.#marks += marks
    this.#letters += letters
    this.#signs += signs
  }

  get tokens(): number {
    return Math.ceil(this.#latin / LATIN + this.#marks / MARKS + this.#letters / LETTERS + this.#signs / SIGNS)
  }
}

/** A letter, a digit or white space of ASCII's. */
function isLatin(code: number): boolean {
  const letter = code | 0x20
  return (
    (letter >= 0x61 && letter <= 0x7a) || (code >= 0x30 && code <= 0x39) || code === 0x20 || (code >= 9 && code <= 13)
  )
}

/** Tokens of a whole request's input: messages, tools and the schema of the answer. */
export function estimateTokens(chat: ChatRequest): number {
  const json = (value: unknown) => (value === undefined ? 0 : estimateText(JSON.stringify(value)))
  let tokens = json(chat.responseFormat?.type === 'json_schema' ? chat.responseFormat.schema : undefined)
  for (const message of chat.messages) tokens += MESSAGE + estimateMessage(message)
  for (const tool of chat.tools ?? []) {
    tokens += TOOL
    if (tool.type === 'provider') tokens += json(tool.tool)
    else tokens += estimateText(`${tool.name} ${tool.description ?? ''}`)
    if (tool.type === 'function') tokens += json(tool.parameters)
    if (tool.type === 'custom') tokens += json(tool.format)
  }
  return tokens
}

function estimateMessage({ content }: ChatMessage): number {
  let tokens = 0
  for (const part of content) {
    switch (part.type) {
      case 'text':
      case 'reasoning':
        tokens += estimateText(part.text)
        break
      case 'refusal':
        tokens += estimateText(part.refusal)
        break
      case 'tool-call':
        tokens += estimateText(`${part.name} ${part.arguments}`)
        break
      case 'image':
        tokens += IMAGE
        break
      case 'file':
        tokens += estimateFile(part.source)
        break
      case 'audio':
        tokens += Math.ceil(bytesOf(part.data) / (AUDIO_BYTES[part.format] ?? 500))
        break
    }
  }
  return tokens
}

function estimateFile(source: MediaSource): number {
  if (source.type === 'text') return estimateText(source.text)
  if (source.type !== 'base64') return PAGE
  if (source.mediaType.startsWith('text/')) return Math.ceil(bytesOf(source.data) / LATIN)
  return Math.max(1, Math.ceil(bytesOf(source.data) / PAGE_BYTES)) * PAGE
}

function bytesOf(base64: string): number {
  return Math.floor(base64.length * 0.75)
}
