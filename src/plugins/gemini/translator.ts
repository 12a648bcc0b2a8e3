import { geminiGenerateContent } from '../../index.ts'
import type { GeminiOptions, Translator, TranslatorPick } from '../../index.ts'
import { googleSearch, withWebSearch } from '../../kit.ts'

/**
 * Code Assist: the same as the Gemini API in an envelope. Whether it fetches files from the web is documented nowhere, and gemini-cli
 * never asks it to.
 */
const codeAssist: GeminiOptions = { format: 'gemini-code-assist', wrapped: true, urls: false }

/**
 * Models that write one answer over several requests, as long as the client's limit allows. Each request has at most 65,536 tokens of it
 * where it is streamed, and half of that where it is not (ai.google.dev/gemini-api/docs/generate-content/long-decode).
 */
const LONG_DECODE = /gemini-4/

/** With a key the Gemini API, where what Gemini clients send passes through. */
export const translator: TranslatorPick = (request) => withWebSearch(pick(request), googleSearch)

function pick({ credential, info, model, chat }: Parameters<TranslatorPick>[0]): Translator {
  if (credential.kind === 'oauth') {
    return geminiGenerateContent({ ...codeAssist, maxOutput: info?.maxOutputTokens })
  }
  const long = chat !== undefined && LONG_DECODE.test(model)
  // Gemini's own clients ask for the rest themselves.
  const maxOutput = long && chat.protocol === 'gemini' ? undefined : info?.maxOutputTokens
  const { answer, ...streaming } = geminiGenerateContent({ maxOutput })
  // Without `answer`, byok asks for a stream and collects.
  return long ? streaming : { ...streaming, ...(answer && { answer }) }
}
