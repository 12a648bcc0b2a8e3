import type { Usage } from '../chat/index.ts'
import { answer, answerBytes } from '../exchange/answer.ts'
import type { Wanted } from '../exchange/answer.ts'
import { isWhole } from '../exchange/answered.ts'
import type { Answered } from '../exchange/answered.ts'
import { signedResponse } from '../exchange/headers.ts'
import { settle } from '../exchange/settle.ts'
import { tellsUsage, usageOfUnfinished } from '../exchange/stream/unfinished.ts'
import { isObject } from '../json/json.ts'
import { refuseErrorInPlace } from '../protocols/openai-chat/read-error.ts'
import { readUsage } from '../protocols/openai-chat/usage.ts'
import { estimateText } from '../tokens/estimate.ts'
import { bytesOf, readJson } from '../upstream/body.ts'
import { headerOf } from '../upstream/fetch.ts'
import type { UpstreamResponse } from '../upstream/fetch.ts'
import type { PlainForm } from './plain-form.ts'

/** What comes as events or in one piece, whichever was asked for. */
const MEDIA: ReadonlySet<PlainForm['of']> = new Set(['images', 'transcript', 'sound'])

/**
 * Whether events come, where the answer says so, which need not be what was asked for: OpenAI ignores `stream` for `whisper-1` (openai-node
 * src/resources/audio/transcriptions.ts), and servers whose forms FastAPI reads take `True` for it, too (speaches-ai/speaches
 * src/speaches/routers/stt.py). Few servers that draw have streams of images.
 */
export function comesAsStream({ of }: PlainForm, response: UpstreamResponse, asked: boolean): boolean {
  const type = of !== undefined && MEDIA.has(of) ? headerOf(response, 'content-type') : null
  return type === null ? asked : /^text\/event-stream\b/i.test(type)
}

/** The answer as it came. */
export async function answerPlain(
  answered: Answered,
  { endpoint, of, usage = usageOfOpenAI, asAsked }: PlainForm,
  { body, ...wanted }: Wanted & { body: Record<string, unknown> },
): Promise<Response> {
  const { translator, response, info } = answered
  if (answered.stream) return await answer(answered, wanted)
  if (of === 'sound' && !isWhole(answered)) return await answerBytes(answered, wanted)
  if (of === 'transcript' && !isWhole(answered)) return await answerText(answered)
  if (of !== undefined) {
    const used = (value: Record<string, unknown>) => {
      refuseErrorInPlace(value, { translator, response, provider: info.provider })
      const told = usage(value)
      const tokens = of === 'transcript' && typeof value['text'] === 'string' ? estimateText(value['text']) : 0
      return tellsUsage(told) ? told : usageOfUnfinished({ tokens }, told, () => answered.estimateInput())
    }
    return await answerWhole(answered, used, (value) => asAsked?.(value, body))
  }
  return endpoint === 'held-interactions' ? await answerWhole(answered, usage) : await answer(answered, wanted)
}

function usageOfOpenAI({ usage }: Record<string, unknown>): Usage | undefined {
  return readUsage(usage)
}

/** An answer in one piece, as it is where nothing is put in its place. */
async function answerWhole(
  answered: Answered,
  usage: NonNullable<PlainForm['usage']>,
  inPlace?: (value: Record<string, unknown>) => Record<string, unknown> | undefined,
): Promise<Response> {
  const { response, info, maxAnswerBytes, provider } = answered
  const { value, bytes } = await readJson(response, maxAnswerBytes, provider)
  const told = usage(isObject(value) ? value : {})
  if (told) info.usage = told
  if (isObject(value) && typeof value['model'] === 'string') info.answer = { model: value['model'] }
  info.firstByteAt = Date.now()
  info.status = 200
  settle(answered, info, 'ok')
  const other = isObject(value) ? inPlace?.(value) : undefined
  return signedResponse(info, other ? JSON.stringify(other) : bytes, 'application/json')
}

/** A text that is no JSON, such as subtitles, as it is. */
async function answerText(answered: Answered): Promise<Response> {
  const { response, info, maxAnswerBytes, provider } = answered
  const bytes = await bytesOf(response, maxAnswerBytes, provider)
  info.usage = usageOfUnfinished({ tokens: estimateText(bytes.toString('utf8')) }, undefined, () =>
    answered.estimateInput(),
  )
  info.firstByteAt = Date.now()
  info.status = 200
  settle(answered, info, 'ok')
  const told = headerOf(response, 'content-type') ?? ''
  // A page of the vendor's is no page of byok's to a browser.
  const type = /^(?:text\/vtt|application\/x-subrip)\b/i.test(told) ? told : 'text/plain; charset=utf-8'
  return signedResponse(info, bytes, type)
}
