import { signal } from '@preact/signals'
import { ask } from '../../state/api.ts'
import { field, messageOf, parse, readError } from '../../state/error.ts'
import { readMessages } from '../../state/events.ts'

/** What one of the two said. */
export interface Turn {
  role: 'user' | 'assistant'
  text: string
  /** What a model says it thought, where it says that. */
  reasoning?: string
  model?: string
  /** Absent while it is written. */
  end?: { ms: number; firstMs?: number; output?: number; stopped?: boolean; error?: string }
}

export const turns = signal<Turn[]>([])
export const streaming = signal(false)
export const chatModel = signal('')
/** What is written and not said yet. */
export const draft = signal('')

let current: AbortController | undefined

/** Says something, and writes down what comes back, piece by piece. */
export async function say(model: string, text: string): Promise<void> {
  const before = [...turns.value, { role: 'user' as const, text }]
  const answer: Turn = { role: 'assistant', text: '', model }
  const show = () => (turns.value = [...before, { ...answer }])
  show()
  const stopping = new AbortController()
  current = stopping
  streaming.value = true
  const began = performance.now()
  const end: NonNullable<Turn['end']> = { ms: 0 }
  try {
    const messages = before.filter((turn) => turn.text !== '').map(({ role, text: content }) => ({ role, content }))
    const body = { model, messages, stream: true, stream_options: { include_usage: true } }
    const response = await ask('chat', { method: 'POST', body, signal: stopping.signal })
    await readMessages(response, (_event, data) => {
      const piece = pieceOf(data)
      if (piece.error !== undefined) end.error = piece.error
      if (piece.output !== undefined) end.output = piece.output
      if (piece.text === '' && piece.reasoning === '') return
      end.firstMs ??= performance.now() - began
      answer.text += piece.text
      if (piece.reasoning !== '') answer.reasoning = (answer.reasoning ?? '') + piece.reasoning
      show()
    })
  } catch (error) {
    if (stopping.signal.aborted) end.stopped = true
    else end.error = messageOf(error)
  }
  end.ms = performance.now() - began
  answer.end = end
  // A conversation that was cleared meanwhile stays so.
  if (current !== stopping) return
  show()
  streaming.value = false
  current = undefined
}

/** Ends the answer that is being written; byok then ends its request to the provider. */
export function stop(): void {
  current?.abort()
}

export function clear(): void {
  const before = current
  current = undefined
  before?.abort()
  streaming.value = false
  turns.value = []
}

interface Piece {
  text: string
  reasoning: string
  output?: number
  error?: string
}

/** Reads one chunk of a streamed chat completion. */
function pieceOf(data: string): Piece {
  const chunk = parse(data)
  const choices = field(chunk, 'choices')
  const delta = field(Array.isArray(choices) ? choices[0] : undefined, 'delta')
  const output = field(field(chunk, 'usage'), 'completion_tokens')
  const { message } = readError(data)
  return {
    text: textOf(field(delta, 'content')),
    reasoning: textOf(field(delta, 'reasoning_content')),
    ...(typeof output === 'number' && { output }),
    ...(message !== undefined && { error: message }),
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
