import { geminiGenerateContent } from '../../index.ts'
import type { GeminiOptions, TranslatorPick } from '../../index.ts'
import { googleSearch, withWebSearch } from '../../kit.ts'

/**
 * Code Assist: the same as the Gemini API in an envelope. Whether it fetches files from the web is documented nowhere, and gemini-cli
 * never asks it to.
 */
const codeAssist: GeminiOptions = { format: 'gemini-code-assist', wrapped: true, urls: false }

/** With a key the Gemini API, where what Gemini clients send passes through. */
export const translator: TranslatorPick = ({ credential, info }) =>
  withWebSearch(
    geminiGenerateContent({ ...(credential.kind === 'oauth' && codeAssist), maxOutput: info?.maxOutputTokens }),
    googleSearch,
  )
