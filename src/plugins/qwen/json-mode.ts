import type { ExecutorContext, UpstreamResponse } from '../../index.ts'
import { secondTry } from '../../kit.ts'

type Body = Record<string, unknown>
type Context = Pick<ExecutorContext, 'request' | 'config' | 'credential'>

/** By config: the models of accounts that do not think where they write JSON. A new config is a new try. */
const unthinking = new WeakMap<object, Set<string>>()

/**
 * Sends a request, and once more without thinking where the model cannot think and be held to JSON: "Json mode response is not supported
 * when enable_thinking is true" (presenton/presenton issue 184). Clients ask for both, and many models think unasked. The form counts for
 * more, for the client cannot read another.
 *
 * Which models can do both no list tells: those before Qwen3.8 mostly cannot
 * (https://www.alibabacloud.com/help/en/model-studio/qwen-structured-output, "non-thinking mode"; QwenLM/Qwen issue 2329, of Qwen3.8).
 */
export async function withJsonUnthought(
  { request: { model }, config, credential: { account } }: Context,
  body: Body,
  send: (body: Body) => Promise<UpstreamResponse>,
): Promise<UpstreamResponse> {
  if (body['response_format'] === undefined || body['enable_thinking'] === false) return await send(body)
  const known = unthinking.get(config) ?? new Set()
  const key = JSON.stringify([account, model])
  if (known.has(key)) return await send(withoutThinking(body))
  const response = await send(body)
  if (response.status !== 400) return response
  return await secondTry(response, (said) => {
    if (!/json mode response is not supported when enable_thinking/i.test(said)) return undefined
    unthinking.set(config, known.add(key))
    return send(withoutThinking(body))
  })
}

function withoutThinking({ thinking_budget: _, reasoning_effort: __, ...body }: Body): Body {
  return { ...body, enable_thinking: false }
}
