import type { Endpoint } from './contestants.ts'

/** What a client asks for: a small chat, the same for a stream of twenty events, or the next turn of a coding agent's conversation. */
export const WORKS = ['small', 'stream', 'agent'] as const
export type Work = (typeof WORKS)[number]

/** The kind of work that one of a program's words names, and its other words. */
export function workIn(words: string[]): { work: Work; others: string[] } {
  const work = WORKS.find((kind) => words.includes(kind)) ?? 'small'
  return { work, others: words.filter((word) => word !== work) }
}

/** Twenty events, as fast as they are read. */
const SHORT_STREAM = 'bench-20-0-1'

/** The body of a chat completion. */
export function chatFor({ model }: Endpoint, work: Work = 'small'): string {
  return JSON.stringify({
    model: model(work === 'stream' ? SHORT_STREAM : 'bench'),
    ...(work === 'stream' && { stream: true }),
    ...(work === 'agent' ? conversation() : { messages: SMALL }),
    max_tokens: 100,
  })
}

const SMALL = [
  { role: 'system', content: 'You are terse.' },
  { role: 'user', content: 'Say something old that is true.' },
]

const READ_FILES = 40
const TOOLS = 25

/** 250 KB: a system prompt, tools, and forty files read. */
function conversation() {
  const read = Array.from({ length: READ_FILES }, (_, number) => [
    { role: 'user', content: `What does file ${number} do? ${'It matters to me, so look well. '.repeat(10)}` },
    { role: 'assistant', content: 'I will read it.', tool_calls: [callOf(number)] },
    { role: 'tool', tool_call_id: `call_${number}`, content: fileOf(number) },
    { role: 'assistant', content: 'It computes values, one after the other. '.repeat(5) },
  ])
  return {
    messages: [
      { role: 'system', content: 'You are a coding agent, and careful. '.repeat(250) },
      ...read.flat(),
      { role: 'user', content: 'Go on.' },
    ],
    tools: Array.from({ length: TOOLS }, (_, number) => toolOf(number)),
  }
}

function callOf(number: number) {
  const args = JSON.stringify({ path: `src/file${number}.ts`, limit: 100 })
  return { id: `call_${number}`, type: 'function', function: { name: 'tool_0', arguments: args } }
}

function fileOf(number: number): string {
  const lines = Array.from(
    { length: 60 },
    (_, line) => `${line + 1}\tconst value${line} = compute(${number}, "line ${line}") // as said above`,
  )
  return lines.join('\n')
}

function toolOf(number: number) {
  const text = { type: 'string', description: 'What it is to be done with. '.repeat(3) }
  const edits = {
    type: 'array',
    description: 'What to change. '.repeat(5),
    items: { type: 'object', properties: { at: { type: 'integer', minimum: 1 }, text }, required: ['at'] },
  }
  const properties = { path: text, limit: { type: 'integer' }, text, edits, more: edits, mode: text }
  return {
    type: 'function',
    function: {
      name: `tool_${number}`,
      description: 'Does one thing with files, and does it well. '.repeat(10),
      parameters: { type: 'object', properties, required: ['path'], additionalProperties: false },
    },
  }
}
