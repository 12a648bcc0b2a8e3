import type { Usage } from '../../chat/index.ts'
import { isObject } from '../json.ts'
import type { StreamTail } from '../protocol.ts'
import { readUsage } from './usage.ts'

const DONE = 'data: [DONE]\n\n'

/**
 * Tells whether a chat completion stream ended as it should: with `data: [DONE]`, or with an error the provider told itself, which
 * vLLM puts before `[DONE]` (vllm-project/vllm vllm/entrypoints/openai/serving_chat.py). Some compatible servers leave `[DONE]` out;
 * a finish reason is taken for the end then, and the line is supplied.
 *
 * @param text The last bytes of the stream; its first line may be cut.
 */
export function inspectTail(text: string): StreamTail {
  const data = dataLines(text)
  const last = data.at(-1)
  const usage = lastUsage(data)
  const failed = data.some(hasError) || (/^event: ?error\b/m.test(text) && parse(last) !== undefined)
  const found = { ...(failed && { failed }), ...(usage && { usage }) }
  if (last === '[DONE]') return { complete: true, append: /\r?\n\r?\n$/.test(text) ? '' : '\n\n', ...found }
  if (failed) return { complete: true, append: '', ...found }
  if (data.some(hasFinishReason))
    return { complete: true, append: /\n\r?\n$/.test(text) ? DONE : `\n\n${DONE}`, ...found }
  return { complete: false, append: '', ...found }
}

function dataLines(text: string): string[] {
  return text
    .split(/\r\n|\r|\n/)
    .filter((line) => line.startsWith('data:'))
    .map((line) => line.slice('data:'.length).trim())
}

function lastUsage(data: string[]): Usage | undefined {
  for (const line of data.toReversed()) {
    if (!line.includes('"usage"')) continue
    const usage = readUsage(parse(line)?.['usage'])
    if (usage) return usage
  }
  return undefined
}

function hasError(line: string): boolean {
  return line.includes('"error"') && Boolean(parse(line)?.['error'])
}

function hasFinishReason(line: string): boolean {
  if (!line.includes('"finish_reason"')) return false
  const choices = parse(line)?.['choices']
  return (
    Array.isArray(choices) &&
    choices.some((choice: unknown) => isObject(choice) && typeof choice['finish_reason'] === 'string')
  )
}

function parse(text: string | undefined): Record<string, unknown> | undefined {
  if (text === undefined) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}
