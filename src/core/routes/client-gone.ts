import type { H3Event } from 'h3'
import { Abort } from '../abort.ts'
import type { Stop } from '../abort.ts'
import { ShuttingDown } from '../exchange/shutting-down.ts'

/** What ends the answers that go to responses of Node's. */
const answers = new WeakMap<object, Abort>()

/** Whether what a handler returns goes to a response of Node's as it is. */
export function goesToNode({ req }: H3Event): boolean {
  return req.runtime?.node?.res !== undefined
}

/** Aborts when the client goes away before it has all of its answer. That is what `event.req.signal` does, at several times the cost. */
export function clientGone({ req: web }: H3Event): Stop {
  const { req, res } = web.runtime?.node ?? {}
  if (!req || !res) return web.signal
  const gone = new Abort()
  answers.set(res, gone)
  const onClose = () => {
    if (req.errored || !res.writableEnded) gone.abort(req.errored ?? undefined)
  }
  if (res.destroyed || req.errored || (req.destroyed && !req.complete)) onClose()
  else res.once('close', onClose)
  return gone
}

/**
 * Ends the answer that is on its way by a response of Node's, with an error that tells the client why.
 * @returns whether there is one.
 */
export function endAnswer(response: object): boolean {
  const answer = answers.get(response)
  answer?.abort(new ShuttingDown())
  return answer !== undefined
}
