import OpenAI from 'openai'
import { afterAll } from 'vitest'
import { serveEveryone } from './providers.ts'
import type { Everyone } from './providers.ts'

/** The unmodified `openai` client of a byok, by its address. It tries nothing again. */
export function openaiAt(url: string): OpenAI {
  return new OpenAI({ baseURL: `${url}/v1`, apiKey: 'unused', maxRetries: 0 })
}

/** A byok in front of everyone for the tests of a file, and its client. */
export async function openaiForEveryone(): Promise<{ everyone: Everyone; client: OpenAI }> {
  const everyone = await serveEveryone()
  afterAll(() => everyone.close())
  return { everyone, client: openaiAt(everyone.url) }
}
