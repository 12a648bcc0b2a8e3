import type { UpstreamResponse } from '../../index.ts'
import { Learnt, secondTry } from '../../kit.ts'
import type { Refused } from '../../kit.ts'

type Body = Record<string, unknown>

/** The models of accounts that do not think where they write JSON. */
const unthinking = new Learnt<true>()

/**
 * Sends a request, and once more without thinking where the model cannot think and be held to JSON: "Json mode response is not supported
 * when enable_thinking is true" (presenton/presenton issue 184). Clients ask for both, and many models think unasked. The form counts for
 * more, for the client cannot read another.
 *
 * Which models can do both no list tells: those before Qwen3.8 mostly cannot
 * (https://www.alibabacloud.com/help/en/model-studio/qwen-structured-output, "non-thinking mode"; QwenLM/Qwen issue 2329, of Qwen3.8).
 */
export async function withJsonUnthought(
  context: Refused,
  body: Body,
  send: (body: Body) => Promise<UpstreamResponse>,
): Promise<UpstreamResponse> {
  if (body['response_format'] === undefined || body['enable_thinking'] === false) return await send(body)
  if (unthinking.get(context)) return await send(withoutThinking(body))
  const response = await send(body)
  if (response.status !== 400) return response
  return await secondTry(response, (said) => {
    if (!/json mode response is not supported when enable_thinking/i.test(said)) return undefined
    unthinking.set(context, true)
    return send(withoutThinking(body))
  })
}

function withoutThinking({ thinking_budget: _, reasoning_effort: __, ...body }: Body): Body {
  return { ...body, enable_thinking: false }
}
