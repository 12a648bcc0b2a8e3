import type { UpstreamResponse } from './fetch.ts'
import { refusalText } from './refusal-text.ts'

/**
 * The answer to a second try, where a refusal says what was wrong with the first; else the refusal, as it came.
 *
 * @param again Sends the second one; `undefined` where what the refusal says is about something else.
 */
export async function secondTry(
  refusal: UpstreamResponse,
  again: (said: string) => Promise<UpstreamResponse> | undefined,
): Promise<UpstreamResponse> {
  const said = await refusalText(refusal)
  return (await again(said)) ?? new Response(said, { status: refusal.status, headers: refusal.headers })
}
