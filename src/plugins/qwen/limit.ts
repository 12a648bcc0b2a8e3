import type { ExecutorContext, UpstreamResponse } from '../../index.ts'
import { Learnt, secondTry } from '../../kit.ts'

type Body = Record<string, unknown>
type Context = Pick<ExecutorContext, 'request' | 'config' | 'credential'>

/** The most that an account's models write, where they have said so. */
const limits = new Learnt<number>()

/**
 * Sends a request with no higher limit of the answer than the model takes, and once more where the model says that its own is lower.
 *
 * Clients ask every model for what theirs could write, Claude Code and opencode for 32000 tokens and more, and DashScope refuses that:
 * "Range of max_tokens should be [1, 8192]" (anomalyco/opencode issue 16971 and 40770, musistudio/claude-code-router issue 184). Its list
 * of models tells no limits.
 */
export async function withLimitTaken(
  context: Context,
  send: (body?: Body) => Promise<UpstreamResponse>,
): Promise<UpstreamResponse> {
  const { body, info } = context.request
  const asked = body['max_tokens']
  if (typeof asked !== 'number') return await send()
  const limit = Math.min(asked, limits.get(context) ?? info?.maxOutputTokens ?? asked)
  const response = await send(limit === asked ? undefined : { ...body, max_tokens: limit })
  if (response.status !== 400) return response
  return await secondTry(response, (said) => {
    const most = Number(/max_tokens should be \[1, (\d+)\]/.exec(said)?.[1])
    if (!(most > 0 && most < limit)) return undefined
    limits.set(context, most)
    return send({ ...body, max_tokens: most })
  })
}
