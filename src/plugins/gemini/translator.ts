import type { TranslatorPick } from '../../core/plugin.ts'
import { geminiGenerateContent } from '../../core/protocols/gemini/index.ts'

/** The Gemini API; what Gemini clients send it passes through. */
const api = geminiGenerateContent()

/**
 * Code Assist: the same in an envelope. Whether it fetches files from the web is documented nowhere, and gemini-cli never asks it
 * to.
 */
const codeAssist = geminiGenerateContent({ format: 'gemini-code-assist', wrapped: true, urls: false })

export const translator: TranslatorPick = ({ credential }) => (credential.kind === 'oauth' ? codeAssist : api)
