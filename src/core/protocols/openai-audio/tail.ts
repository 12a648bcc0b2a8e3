import { isObject, parseObject, text } from '../json.ts'
import { readUsage as readUsageOfChat } from '../openai-chat/usage.ts'
import { readUsage } from '../openai-responses/usage.ts'
import type { StreamTail } from '../protocol.ts'

/** An object with objects in it, but none in those: `usage` of `TranscriptionTextDoneEvent` (openai-node src/resources/audio/transcriptions.ts). */
const USAGE = /"usage"\s*:\s*(\{(?:[^{}]|\{[^{}]*\})*\})\s*\}\s*$/
/** The end of `speech.audio.delta` (openai-python src/openai/types/audio/): nothing but base64. */
const SOUND = /^[\w+/=]*"(?:,"type":"speech\.audio\.delta")?\}\s*$/

/**
 * Tells whether a stream of a transcription, or of speech as events, ended with its last word: `transcript.text.done` or
 * `speech.audio.done`. The first says the whole text once more, so that of a long one only the end is there. vLLM sends chunks as of a
 * chat, with `[DONE]` behind them (vllm-project/vllm vllm/entrypoints/openai/speech_to_text/speech_to_text.py).
 */
export function inspectTail(tail: string): StreamTail {
  const lines = tail.split(/\r\n|\r|\n/)
  const messages = lines.filter(
    (line, at) => line.startsWith('data:') || (at === 0 && !/^(?:event|id|retry)?:/.test(line)),
  )
  const ended = /^data:\s*\[DONE\]/.test(messages.at(-1) ?? '')
  if (ended) messages.pop()
  const last = messages.at(-1) ?? ''
  const message = parseObject(last.replace(/^data:/, ''))
  if (isObject(message?.['error'])) return { complete: true, failed: true, ended: true, append: '' }
  // What began before the tail is that, or a piece of a sound: all others are short.
  const isLong = !last.startsWith('data:') && /\}\s*$/.test(last) && !SOUND.test(last)
  const isLast = message ? /\.done$/.test(text(message['type']) ?? '') : isLong
  const complete = isLast || ended
  const told = complete ? (message?.['usage'] ?? parseObject(USAGE.exec(last)?.[1] ?? '')) : undefined
  const usage = readUsage(told) ?? readUsageOfChat(told)
  // Clients read no message before the blank line behind it.
  const append = complete && !/(?:\r?\n|\r(?!\n)){2}$/.test(tail) ? '\n\n' : ''
  return { complete, append, ...(ended && { ended }), ...(usage && { usage }) }
}
