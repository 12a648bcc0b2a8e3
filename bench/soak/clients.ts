/** The clients of the soak: each asks, reads, checks every word it gets, and goes away when it pleases. */
import { createParser } from 'eventsource-parser'
import { request } from 'undici'
import type { Dispatcher } from 'undici'
import { answerText, questionText } from './vendor.ts'
import type { Question } from './vendor.ts'

/** How an answer ended, as its client sees it. */
export type Outcome = 'whole' | 'refused' | 'broke off' | 'went away'

export interface Ask extends Question {
  /** What the client speaks. */
  protocol: 'openai' | 'anthropic'
  /** Which provider is asked. */
  model: string
  stream: boolean
  /** The client goes away after so many words. */
  patience: number | undefined
}

/** @throws {Error} for an answer that nobody may get: other words, or an end that looks whole and is not. */
export async function ask(url: string, asked: Ask, dispatcher: Dispatcher): Promise<Outcome> {
  const abort = new AbortController()
  const path = asked.protocol === 'openai' ? '/v1/chat/completions' : '/v1/messages'
  let answer: Dispatcher.ResponseData
  try {
    answer = await request(`${url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'anthropic-version': '2023-06-01' },
      body: JSON.stringify({
        model: asked.model,
        stream: asked.stream,
        max_tokens: 100_000,
        messages: [{ role: 'user', content: questionText(asked) }],
      }),
      signal: abort.signal,
      dispatcher,
    })
  } catch (error) {
    throw new Error(`byok gave no answer at all to ${describe(asked)}`, { cause: error })
  }
  if (answer.statusCode !== 200) {
    const body: unknown = await answer.body.json()
    if (answer.statusCode < 400 || typeof body !== 'object' || body === null || !('error' in body)) {
      throw new Error(`status ${answer.statusCode} without an error to ${describe(asked)}`)
    }
    return 'refused'
  }
  if (!asked.stream) return check(asked, textOf(await answer.body.json()), true)
  return await readStream(asked, answer, abort)
}

async function readStream(asked: Ask, { body }: Dispatcher.ResponseData, abort: AbortController): Promise<Outcome> {
  let text = ''
  let words = 0
  let finished = false
  let failed = false
  const parser = createParser({
    onEvent: ({ data }) => {
      if (data === '[DONE]') return
      const event: unknown = JSON.parse(data)
      const delta = deltaOf(event)
      text += delta
      if (delta !== '') words++
      finished ||= isFinish(event)
      failed ||= typeof event === 'object' && event !== null && 'error' in event
    },
  })
  const decoder = new TextDecoder()
  try {
    for await (const bytes of body as AsyncIterable<Buffer>) {
      parser.feed(decoder.decode(bytes, { stream: true }))
      if (asked.patience !== undefined && words >= asked.patience) {
        abort.abort()
        break
      }
    }
  } catch (error) {
    if (!abort.signal.aborted && finished && !failed) throw error
    failed = true
  }
  if (abort.signal.aborted) {
    check(asked, text, false)
    return 'went away'
  }
  if (failed) {
    check(asked, text, false)
    return 'broke off'
  }
  return check(asked, text, finished)
}

function check(asked: Ask, text: string, finished: boolean): Outcome {
  const expected = answerText(asked)
  if (!expected.startsWith(text)) throw new Error(`wrong words for ${describe(asked)}: ${text.slice(0, 60)}`)
  if (!finished) return 'broke off'
  if (text !== expected)
    throw new Error(`${text.length} of ${expected.length} letters passed as whole: ${describe(asked)}`)
  return 'whole'
}

function describe({ id, words, failure, protocol, model, stream }: Ask): string {
  return `question ${id} (${protocol} to ${model}, ${words} words, ${stream ? 'streamed' : 'plain'}, failure: ${failure})`
}

type Tree = Record<string, unknown> | undefined
const inside = (value: unknown, ...path: (string | number)[]): unknown =>
  path.reduce<unknown>((at, name) => (typeof at === 'object' && at !== null ? (at as Tree)?.[name] : undefined), value)
const asText = (value: unknown) => (typeof value === 'string' ? value : '')

function textOf(body: unknown): string {
  return asText(inside(body, 'choices', 0, 'message', 'content') ?? inside(body, 'content', 0, 'text'))
}

function deltaOf(event: unknown): string {
  return asText(inside(event, 'choices', 0, 'delta', 'content') ?? inside(event, 'delta', 'text'))
}

function isFinish(event: unknown): boolean {
  return typeof inside(event, 'choices', 0, 'finish_reason') === 'string' || inside(event, 'type') === 'message_stop'
}
