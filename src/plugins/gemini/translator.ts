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

/** By {@link Way} and limit: to make one anew for each request took a thirtieth of its time. */
const made = new Map<string, Translator>()

/** With a key the Gemini API, where what Gemini clients send passes through. */
export const translator: TranslatorPick = ({ credential, info, model, chat }) => {
  const long = credential.kind === 'api_key' && chat !== undefined && LONG_DECODE.test(model)
  // Gemini's own clients ask for the rest themselves.
  const maxOutput = long && chat.protocol === 'gemini' ? undefined : info?.maxOutputTokens
  const way = credential.kind === 'oauth' ? 'code-assist' : long ? 'long' : 'api'
  const key = `${way} ${maxOutput}`
  const known = made.get(key)
  if (known) return known
  const fresh = withWebSearch(make(way, maxOutput), googleSearch)
  made.set(key, fresh)
  return fresh
}

type Way = 'code-assist' | 'api' | 'long'

function make(way: Way, maxOutput: number | undefined): Translator {
  if (way === 'code-assist') return geminiGenerateContent({ ...codeAssist, maxOutput })
  const api = geminiGenerateContent({ maxOutput })
  if (way === 'api') return api
  // Without `answer`, byok asks for a stream and collects.
  const { answer: _, ...streaming } = api
  return streaming
}
