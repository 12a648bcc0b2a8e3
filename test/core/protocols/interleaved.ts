import fc from 'fast-check'
import type { ChatEvent } from '../../../src/core/chat/index.ts'

const word = fc.stringMatching(/^[a-z]{1,8}$/)

/** What is said in turns with the arguments of the calls before it: each list in its own order, all of them at once. */
export const interleaved: fc.Arbitrary<ChatEvent[]> = fc
  .record({
    calls: fc.array(fc.record({ args: fc.dictionary(word, word), cuts: fc.array(fc.nat(20), { maxLength: 3 }) }), {
      minLength: 1,
      maxLength: 4,
    }),
    texts: fc.array(word, { maxLength: 4 }),
    thoughts: fc.array(word, { maxLength: 2 }),
  })
  .chain(({ calls, texts, thoughts }) => {
    const lanes = [...calls.map((call) => fragments(call)), texts, thoughts]
    const places = lanes.flatMap((lane, at) => lane.map(() => at))
    return fc
      .shuffledSubarray(places, { minLength: places.length, maxLength: places.length })
      .map((order) => tell(order, lanes, calls.length))
  })

/** The first, which is empty, begins the call. */
function fragments({ args, cuts }: { args: object; cuts: number[] }): string[] {
  const json = JSON.stringify(args)
  const places = [...new Set([0, ...cuts, json.length])].filter((at) => at <= json.length).sort((a, b) => a - b)
  return ['', ...places.map((from, at) => json.slice(from, places[at + 1])).filter((fragment) => fragment !== '')]
}

function tell(order: number[], lanes: string[][], calls: number): ChatEvent[] {
  const rest = lanes.map((lane) => [...lane])
  const begun = new Map<number, number>()
  let thoughts = 0
  const events = order.map((lane): ChatEvent => {
    const words = rest[lane]?.shift() ?? ''
    if (lane === calls) return { type: 'text', text: words }
    if (lane > calls) return { type: 'reasoning', index: thoughts++, text: words, format: 'google-gemini-v1' }
    const index = begun.get(lane)
    if (index !== undefined) return { type: 'tool-call-delta', index, arguments: words }
    begun.set(lane, begun.size)
    const at = begun.size - 1
    return { type: 'tool-call', index: at, id: `call_${at}`, name: 'f', kind: 'function' }
  })
  return [{ type: 'start', id: 'r', model: 'm' }, ...events, { type: 'finish', reason: 'length', native: 'MAX_TOKENS' }]
}
