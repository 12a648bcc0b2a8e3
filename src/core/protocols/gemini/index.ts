import { freeTextTools } from '../../chat/index.ts'
import { withOwnStops } from '../../translator/own-stops.ts'
import { withToolNames } from '../../translator/tool-names.ts'
import type { Translator } from '../../translator/translator.ts'
import type { EncodeContext, Protocol, StreamEncoder } from '../protocol.ts'
import { decodeRequest } from './decode.ts'
import { encodeError } from './encode-error.ts'
import { encodeAnswer } from './encode.ts'
import { ChunkEncoder } from './encoder.ts'
import { chunkDecoder, readAnswer } from './events.ts'
import type { JsonObject } from '../json.ts'
import { bareTextEncoder, textsOf, withBareTexts } from './one-of.ts'
import { PROTOCOL } from './options.ts'
import type { GeminiOptions } from './options.ts'
import { readError } from './read-error.ts'
import { encodeRequest } from './request.ts'
import { keepAliveFor } from './silence.ts'
import { inspectTail } from './tail.ts'

export type { GeminiOptions, GeminiProofs } from './options.ts'
export { readEmbed, textsToEmbed, writeEmbed } from './embed.ts'
export { encodeError as encodeGeminiError } from './encode-error.ts'
export { withoutForeignProofs } from './packed-proof.ts'
export { geminiSchema } from './schema.ts'
export { readUsage as readEmbedUsage } from './usage.ts'

/**
 * Gemini's generateContent, as clients speak it; streams are server-sent events (`alt=sse`). An error in one is an event, and once more as
 * Google puts it, by itself: in an event Google's SDKs for Go and its older ones for JavaScript take it for a message of nothing, and the
 * answer for a whole one (the readers that `silence.ts` names). Whoever reads events ignores the other.
 */
export const geminiProtocol: Protocol = {
  name: PROTOCOL,
  decode: decodeRequest,
  encode: (answer, context) => encodeAnswer(wantsOneOf(context) ? withBareTexts(answer) : answer, context),
  encoder: (context) => chunkEncoder(context, (message) => `data: ${JSON.stringify(message)}\r\n\r\n`),
  encodeError,
  encodeStreamError: (error) => {
    const text = JSON.stringify(encodeError(error))
    return `data: ${text}\r\n\r\n${text}\r\n\r\n`
  },
  inspectTail,
}

/** The same for one client, by its `x-goog-api-client`. */
export function geminiFor(client: string | null): Protocol {
  const keepAlive = keepAliveFor(client)
  return keepAlive === undefined ? geminiProtocol : { ...geminiProtocol, keepAlive }
}

function chunkEncoder(context: EncodeContext, frame: (message: JsonObject) => string): StreamEncoder {
  const encoder = new ChunkEncoder(context, frame)
  return wantsOneOf(context) ? bareTextEncoder(encoder) : encoder
}

function wantsOneOf({ chat }: EncodeContext): boolean {
  return textsOf(chat?.responseFormat) !== undefined
}

/**
 * The same for one client that streams without `alt=sse`: one JSON list, an item a message. It has a name of its own, since no
 * provider is asked for such a stream and nothing may pass through.
 */
export function geminiJsonList(): Protocol {
  let begun = false
  const item = (message: JsonObject) => {
    const lead = begun ? ',\r\n' : '['
    begun = true
    return lead + JSON.stringify(message)
  }
  return {
    ...geminiProtocol,
    name: 'gemini-json-list',
    encoder(context) {
      const encoder = chunkEncoder(context, item)
      return { push: (event) => encoder.push(event), end: () => `${encoder.end()}]` }
    },
    encodeStreamError: (error) => `${item(encodeError(error))}]`,
    // White space, which JSON allows between any two items and before the list.
    keepAlive: '\r\n',
  }
}

/**
 * The names of functions: "Must start with a letter or an underscore. Must be a-z, A-Z, 0-9, or contain underscores (_), dots (.), colons
 * (:), or dashes (-), with a maximum length of 64" (an answer of the API's, kaitranntt/ccs issue 25; today's @google/genai says 128).
 */
const NAME = /^[a-z_][\w.:-]{0,63}$/i

/** "The set of character sequences (up to 5)" (ai.google.dev/api/generate-content, `stopSequences`); Anthropic's clients may have more. */
const MOST_STOPS = 5

/** Gemini's generateContent, as Google's servers speak it. */
export function geminiGenerateContent(options: GeminiOptions = {}): Translator {
  const translator: Translator = {
    format: options.format ?? PROTOCOL,
    request: (chat) => encodeRequest(chat, options),
    events: (chat) => chunkDecoder({ ...options, freeText: freeTextTools(chat) }),
    answer: (body, chat) => readAnswer(body, { ...options, freeText: freeTextTools(chat) }),
    error: readError,
  }
  return withToolNames(
    withOwnStops(translator, () => MOST_STOPS),
    NAME,
  )
}
