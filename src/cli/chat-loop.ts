import { ChatFailure } from './chat-session.ts'
import type { ChatSession } from './chat-session.ts'
import { LineReader } from './line-reader.ts'

export interface ChatLoopOptions {
  session: ChatSession
  input: NodeJS.ReadableStream
  write: (text: string) => void
  /** Calls back at each Ctrl-C; returns how to stop that. */
  onInterrupt: (handler: () => void) => () => void
}

const HELP = '/clear forgets the conversation, /exit leaves. Ctrl-C stops an answer, or leaves.\n'

/** A conversation in a terminal, until `/exit`, the end of the input, or Ctrl-C while nothing is answered. */
export async function chatLoop({ session, input, write, onInterrupt }: ChatLoopOptions): Promise<void> {
  const lines = new LineReader(input)
  const leaving = new AbortController()
  let answering: AbortController | undefined
  const off = onInterrupt(() => (answering ?? leaving).abort())
  write(HELP)
  try {
    for (;;) {
      write('> ')
      const line = (await lines.next(leaving.signal))?.trim()
      if (line === undefined || line === '/exit' || line === '/quit') break
      if (line === '') continue
      if (line === '/clear') session.clear()
      else if (line === '/help') write(HELP)
      else if (/^\/\w+$/.test(line)) write(`There is no command ${line}. ${HELP}`)
      else {
        answering = new AbortController()
        await answer(line, answering.signal)
        answering = undefined
      }
    }
    if (leaving.signal.aborted) write('\n')
  } finally {
    off()
    lines.close()
  }

  async function answer(line: string, signal: AbortSignal): Promise<void> {
    try {
      await session.say(line, { write, signal })
      write(signal.aborted ? '\n(stopped)\n' : '\n')
    } catch (error) {
      if (signal.aborted) write('\n(stopped)\n')
      else if (error instanceof ChatFailure) write(`\n${error.message}\n`)
      else throw error
    }
  }
}
