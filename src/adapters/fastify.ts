import { Readable } from 'node:stream'
import type { FastifyPluginCallback, FastifyReply, FastifyRequest } from 'fastify'
import type { Byok } from '../core/byok.ts'
import { byokFault } from './internal/assert-byok.ts'
import { answerNode, parsedBy } from './internal/node-exchange.ts'
import { basePath, pathBelow } from './internal/prefix.ts'

export interface FastifyByokOptions {
  byok: Byok
}

/**
 * A byok as a Fastify plugin: `app.register(fastifyByok, { byok, prefix: '/ai' })`.
 *
 * It answers everything below the prefix. Hooks of the app run before it, and may unpack bodies; its parsers and its `bodyLimit` do
 * not, because byok reads bodies itself and has `server.max_body_bytes`. Headers that hooks set are sent with the answer.
 */
export const fastifyByok: FastifyPluginCallback<FastifyByokOptions> = (instance, { byok }, done) => {
  const fault = byokFault(byok)
  if (fault) return done(fault)
  instance.removeAllContentTypeParsers()
  instance.addContentTypeParser('*', ({ raw }, payload, parsed) => {
    // @fastify/compress unpacks bodies in a `preParsing` hook, and leaves their `content-encoding` where it is.
    parsed(null, payload === raw ? undefined : payload)
  })

  const answer = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const { url = '/' } = request.raw
    const base = baseIn(url, instance.prefix)
    const path = pathBelow(base, url)
    reply.hijack()
    for (const [name, value] of Object.entries(reply.getHeaders())) {
      if (value !== undefined) reply.raw.setHeader(name, value)
    }
    const stream = request.body instanceof Readable ? request.body : undefined
    const mount = path === undefined ? {} : { path, base }
    const exchange = { request: request.raw, response: reply.raw, stream, ...parsedBy(request.raw), ...mount }
    try {
      await answerNode(byok, exchange)
    } catch (error) {
      // After `hijack` nobody else ends it.
      request.log.error(error)
      if (reply.raw.headersSent) reply.raw.destroy()
      else reply.raw.writeHead(500).end()
    } finally {
      // Of a body that nobody read to its end the rest must not stand before the next request.
      if (stream) request.raw.unpipe().resume()
    }
  }
  instance.all('/', answer)
  instance.all('/*', answer)
  done()
}

/** What of a path stands for a prefix, which may have parameters, such as `/t/:id/ai`: each is one segment. */
function baseIn(url: string, prefix: string): string {
  const [path = ''] = url.split('?', 1)
  return path.split('/').slice(0, basePath(prefix).split('/').length).join('/')
}
