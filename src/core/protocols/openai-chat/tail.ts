import type { Usage } from '../../chat/index.ts'
import { isObject, objects, parseObject, text } from '../json.ts'
import type { StreamTail } from '../protocol.ts'
import { readUsage } from './usage.ts'

const DONE = 'data: [DONE]\n\n'

/**
 * Tells whether a chat completion stream ended as it should: with a finish reason and `data: [DONE]`, or with an error the provider
 * told itself, which vLLM puts before `[DONE]` (vllm-project/vllm vllm/entrypoints/openai/serving_chat.py). One that is an error by its
 * event's name alone is none: clients look for `error` in the data (openai-node src/core/streaming.ts). Some compatible servers
 * leave `[DONE]` out; the line is supplied then. Without a finish reason, `[DONE]` follows an answer that broke off, unless that is
 * further back than the text goes.
 *
 * @param tail The last bytes of the stream; its first line may be cut.
 */
export function inspectTail(tail: string): StreamTail {
  const data = dataLines(tail)
  const last = data.at(-1)
  const usage = lastUsage(data)
  const failed = data.some(hasError)
  const finish = data.flatMap(finishReasons)
  const finished = finish.length > 0
  const found = { ...(failed && { failed }), ...(usage && { usage }), ...(finished && { finish }) }
  if (last === '[DONE]' && (finished || failed || !data.some(hasDelta)))
    return { complete: true, ended: true, append: /\r?\n\r?\n$/.test(tail) ? '' : '\n\n', ...found }
  if (failed) return { complete: true, ended: true, append: '', ...found }
  if (finished) return { complete: true, append: /\n\r?\n$/.test(tail) ? DONE : `\n\n${DONE}`, ...found }
  return { complete: false, append: '', ...found }
}

function dataLines(tail: string): string[] {
  return tail
    .split(/\r\n|\r|\n/)
    .filter((line) => line.startsWith('data:'))
    .map((line) => line.slice('data:'.length).trim())
}

/** Where it is asked for, all chunks but the last have a `null` there. */
const USAGE = /"usage"\s*:\s*\{/

function lastUsage(data: string[]): Usage | undefined {
  for (const line of data.toReversed()) {
    if (!USAGE.test(line)) continue
    const usage = readUsage(parseObject(line)?.['usage'])
    if (usage) return usage
  }
  return undefined
}

function hasError(line: string): boolean {
  return line.includes('"error"') && Boolean(parseObject(line)?.['error'])
}

/** Every chunk has the field, mostly `null`. Ollama had an empty one in each (ollama/ollama issue 4357). */
const FINISH_REASON = /"finish_reason"\s*:\s*"[^"]/

function finishReasons(line: string): string[] {
  return FINISH_REASON.test(line) ? choicesOf(line, 'finish_reason').flatMap((reason) => text(reason) ?? []) : []
}

function hasDelta(line: string): boolean {
  return choicesOf(line, 'delta').some(isObject)
}

/** What the choices of a chunk have of that name. */
function choicesOf(line: string, name: string): unknown[] {
  if (!line.includes(`"${name}"`)) return []
  return objects(parseObject(line)?.['choices']).map((choice) => choice[name])
}
