import type { Reply } from '../../src/testing/fake-server.ts'
import type { Script, ScriptFailure, ScriptStep } from '../../src/testing/script.ts'

/** A step by which the model says something. */
export type ContentStep = Exclude<
  ScriptStep,
  { wait: unknown } | { raw: unknown } | { cut: unknown } | { end: unknown } | { error: unknown }
>

export function isContent(step: ScriptStep): step is ContentStep {
  return 'text' in step || 'reasoning' in step || 'refusal' in step || 'toolCall' in step
}

export interface Streaming {
  say(step: ContentStep): Promise<void>
  /** Breaks off with the vendor's own error, and ends the stream. */
  fail(failure: ScriptFailure): Promise<void>
  /** Ends the stream without what closes an answer. Default: just so. */
  end?(): Promise<void>
}

/** Plays a script into a stream that has begun. @returns whether what closes the answer is to follow */
export async function playStream({ steps }: Script, reply: Reply, { say, fail, end }: Streaming): Promise<boolean> {
  for (const step of steps) {
    if (reply.gone) return false
    if ('wait' in step) await step.wait
    else if ('raw' in step) await reply.write(step.raw)
    else if (isContent(step)) await say(step)
    else {
      if ('cut' in step) reply.cut()
      else if ('error' in step) await fail(step.error)
      else await (end ? end() : reply.end())
      return false
    }
  }
  return true
}

export interface Whole {
  headers: Record<string, string>
  /** The answer's text. */
  body(): string
  fail(failure: ScriptFailure): void
}

/** Plays a script as an answer in one piece: what ends it early leaves half of it. */
export async function playWhole({ steps }: Script, reply: Reply, { headers, body, fail }: Whole): Promise<void> {
  const all = { 'content-type': 'application/json', ...headers }
  for (const step of steps) {
    if ('wait' in step) await step.wait
    else if ('raw' in step) throw new Error('a whole answer has no middle to send raw bytes in')
    else if ('error' in step) return fail(step.error)
    else if ('cut' in step || 'end' in step) {
      const text = body()
      reply.begin(200, all)
      await reply.write(text.slice(0, text.length / 2))
      return 'cut' in step ? reply.cut() : reply.end()
    }
  }
  reply.send(200, body(), all)
}
