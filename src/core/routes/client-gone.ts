import type { EventEmitter } from 'node:events'
import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import type { H3Event } from 'h3'
import { Abort } from '../async/abort.ts'
import type { Stop } from '../async/abort.ts'
import { ShuttingDown } from '../exchange/shutting-down.ts'
import { UnderWay } from '../async/under-way.ts'

/** What ends the answers that are on their way by responses of Node's. */
const answers = new UnderWay<{ response: { socket: Socket | null }; gone: Abort }>()

/** Whether what a handler returns goes to a response of Node's as it is. */
export function goesToNode({ req }: H3Event): boolean {
  return req.runtime?.node?.res !== undefined
}

/**
 * Aborts when the client goes away before it has all of its answer. That is what `event.req.signal` does, at several times the cost; and
 * it does not where a host ends the response meanwhile, as one with a time limit does.
 */
export function clientGone({ req: web, context }: H3Event): Stop {
  const { req, res } = web.runtime?.node ?? {}
  if (!req || !res) return web.signal
  const gone = new Abort()
  let over = () => {}
  const onClose = () => {
    over()
    const own = context.byok?.status !== undefined
    if (req.errored || !res.writableEnded || !own) gone.abort(req.errored ?? undefined)
  }
  // An answer that waits for those before it on its connection has no socket yet, and Node never tells it that the connection closed.
  const waitsFor = res.socket ? undefined : req.socket
  if (res.destroyed || req.errored || (req.destroyed && !req.complete) || waitsFor?.destroyed) onClose()
  else {
    over = answers.add({ response: res, gone })
    res.once('close', onClose)
    if (waitsFor) whenClosed(waitsFor, res, onClose)
  }
  return gone
}

/**
 * Whether nobody can be answered any more. Node's response counts for itself: a host may have ended it as it closed, after which it looks
 * like one that arrived.
 */
export function isGone({ req: web }: H3Event): boolean {
  return web.signal.aborted || web.runtime?.node?.res?.destroyed === true
}

/** Whom to tell that a connection closed whose client sends requests without waiting for the answers (RFC 9112, 9.3.2). */
const pipelines = new WeakMap<Socket, Set<() => void>>()

/** Tells once the connection closes, unless the answer is over before. One listener stands for all answers of a connection. */
function whenClosed(socket: Socket, answer: EventEmitter, tell: () => void): void {
  const known = pipelines.get(socket)
  const all = known ?? new Set()
  if (!known) {
    pipelines.set(socket, all)
    socket.once('close', () => {
      for (const each of all) each()
    })
  }
  all.add(tell)
  answer.once('close', () => all.delete(tell))
}

/**
 * Ends the answers that are on their way from a server of Node's, with an error that tells the client why.
 * @returns whether there are any.
 */
export function endAnswers(server: Server): boolean {
  let any = false
  for (const { response, gone } of answers) {
    const { socket } = response
    // Node's http and https name the server on each of its sockets.
    if (!socket || !('server' in socket) || socket.server !== server) continue
    gone.abort(new ShuttingDown())
    any = true
  }
  return any
}
