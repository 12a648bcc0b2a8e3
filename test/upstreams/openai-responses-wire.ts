import type { WireObject } from './openai-chat-check.ts'

export type Json = WireObject

/** The list; empty where there is none. */
export function listOf(value: unknown): Json[] {
  return Array.isArray(value) ? (value as Json[]) : []
}

/** The texts of a list. */
export function wordsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((word): word is string => typeof word === 'string') : []
}

/** Whether a field is there: `null` counts as left out. */
export function given(value: unknown): boolean {
  return value !== undefined && value !== null
}
