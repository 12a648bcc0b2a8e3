import { anthropicMessages } from '../../index.ts'
import type { Translator, TranslatorPick } from '../../index.ts'
import { anthropicSearch, claudeTraitsOf, withWebSearch } from '../../kit.ts'

/** By the limit of an answer, of which there are few: making one takes longer than to ask which it is. */
const made = new Map<number | undefined, Translator>()

/** Anthropic's Messages, with what each model takes. */
export const translator: TranslatorPick = ({ info }) => {
  const limit = info?.maxOutputTokens
  const known = made.get(limit)
  if (known) return known
  const fresh = withWebSearch(anthropicMessages({ traits: claudeTraitsOf(info) }), anthropicSearch)
  made.set(limit, fresh)
  return fresh
}
