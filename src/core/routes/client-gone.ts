import type { H3Event } from 'h3'
import { Abort } from '../abort.ts'
import type { Stop } from '../abort.ts'

/** Whether what a handler returns goes to a response of Node's as it is. */
export function goesToNode({ req }: H3Event): boolean {
  return req.runtime?.node?.res !== undefined
}

/** Aborts when the client goes away before it has all of its answer. That is what `event.req.signal` does, at several times the cost. */
export function clientGone({ req: web }: H3Event): Stop {
  const { req, res } = web.runtime?.node ?? {}
  if (!req || !res) return web.signal
  const gone = new Abort()
  const onClose = () => {
    if (req.errored || !res.writableEnded) gone.abort(req.errored ?? undefined)
  }
  if (res.destroyed || req.errored || (req.destroyed && !req.complete)) onClose()
  else res.once('close', onClose)
  return gone
}
