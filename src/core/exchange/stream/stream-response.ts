import type { RequestInfo } from '../../hooks.ts'
import { AnswerPieces } from './answer-pieces.ts'
import type { AnswerPiecesOptions } from './answer-pieces.ts'
import { idHeader, signedResponse } from '../headers.ts'
import { pipingBody, webBody } from './stream-body.ts'

export interface StreamResponseOptions extends AnswerPiecesOptions {
  /** Whether what is returned goes to a response of Node's as it is. */
  toNode: boolean
  /** Its media type. Default: a stream of events'. */
  type?: string | undefined
}

/**
 * Answers with a stream.
 *
 * Nothing is committed before the first piece is here, so that a failure until then is an HTTP error and can still be
 * retried elsewhere. A provider that stays silent for longer than `keepAlive` is committed to with a comment, lest the
 * client give up; what fails after is an error event. Before the provider's headers there is no such comment: it would take the
 * status from the errors that are likely then (429 and 503, or that nobody could be asked in `routing.timeout`), and clients try
 * those again for their status alone.
 *
 * @throws what `source.next()` throws for the first piece.
 */
export async function streamResponse(info: RequestInfo, options: StreamResponseOptions): Promise<Response> {
  const pieces = await AnswerPieces.begin(options)
  const body = options.toNode ? pipingBody(pieces) : webBody(pieces)
  return signedResponse(info, body, options.type ?? 'text/event-stream; charset=utf-8', [
    ['cache-control', 'no-cache'],
    // nginx and its kin would else collect the stream before passing it on.
    ['x-accel-buffering', 'no'],
    ...idHeader(options.protocol, info),
  ])
}
