/** Translators alone, in this process: the bytes of a vendor's stream to the neutral model and on to a client's, no network. */
import type { Frame } from '../../src/core/translator/translator.ts'
import { anthropicMessages } from '../../src/core/protocols/anthropic-messages/index.ts'
import { geminiGenerateContent as gemini } from '../../src/core/protocols/gemini/index.ts'
import { openaiChat, openaiChatProtocol } from '../../src/core/protocols/openai-chat/index.ts'
import { sseFrames } from '../../src/core/frames/sse.ts'
import type { Translator } from '../../src/core/translator/translator.ts'
import { translator as kiro } from '../../src/plugins/kiro/translator.ts'
import { report } from '../lib/report.ts'
import { spread } from '../lib/stats.ts'
import { cannedStream } from '../servers/canned.ts'

const ROUNDS = 5
const EVENTS = 200_000
/** As a socket hands them over. */
const CHUNK = 64 * 1024

export async function translators(): Promise<void> {
  const lanes: [string, Translator, Buffer][] = [
    ['OpenAI to OpenAI', openaiChat(), cannedStream('openai', EVENTS)],
    ['Claude to OpenAI', anthropicMessages(), cannedStream('anthropic', EVENTS)],
    ['Gemini to OpenAI', gemini(), cannedStream('gemini', EVENTS)],
    ['Kiro to OpenAI', kiro, cannedStream('kiro', EVENTS)],
  ]
  const rates = new Map<string, number[]>(lanes.map(([name]) => [name, []]))
  for (let round = -1; round < ROUNDS; round++) {
    for (const [name, translator, bytes] of lanes) {
      const start = performance.now()
      translate(translator, bytes)
      const rate = EVENTS / ((performance.now() - start) / 1000)
      if (round >= 0) rates.get(name)?.push(rate)
    }
  }
  report(
    `Events a second that translators carry, in process, one core, ${ROUNDS} rounds`,
    ['', 'events/s'],
    [...rates].map(([name, all]) => [name, spread(all)]),
  )
}

function translate(translator: Translator, bytes: Buffer): void {
  const frames = translator.frames?.() ?? sseFrames()
  const decoder = translator.events()
  const encoder = openaiChatProtocol.encoder({ model: 'bench', includeUsage: false })
  let written = 0
  const pass = (some: Frame[]) => {
    for (const frame of some) for (const event of decoder.push(frame)) written += encoder.push(event).length
  }
  for (let at = 0; at < bytes.byteLength; at += CHUNK) pass(frames.push(bytes.subarray(at, at + CHUNK)))
  pass(frames.end())
  for (const event of decoder.end()) written += encoder.push(event).length
  written += encoder.end().length
  if (written < EVENTS * 100) throw new Error('events were lost')
}
