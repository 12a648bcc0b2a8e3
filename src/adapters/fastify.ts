import type { FastifyPluginCallback, FastifyReply, FastifyRequest } from 'fastify'
import type { Byok } from '../core/byok.ts'
import { answerNode } from './internal/node-exchange.ts'
import { basePath, pathBelow } from './internal/prefix.ts'

export interface FastifyByokOptions {
  byok: Byok
}

/**
 * A byok as a Fastify plugin: `app.register(fastifyByok, { byok, prefix: '/ai' })`.
 *
 * It answers everything below the prefix. Hooks of the app run before it; its parsers and its `bodyLimit` do not, because byok
 * reads bodies itself and has `server.max_body_bytes`. Headers that hooks set are sent with the answer.
 */
export const fastifyByok: FastifyPluginCallback<FastifyByokOptions> = (instance, { byok }, done) => {
  instance.removeAllContentTypeParsers()
  instance.addContentTypeParser('*', (_request, _payload, parsed) => parsed(null))

  const answer = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const { url = '/' } = request.raw
    const base = baseIn(url, instance.prefix)
    const path = pathBelow(base, url)
    reply.hijack()
    for (const [name, value] of Object.entries(reply.getHeaders())) {
      if (value !== undefined) reply.raw.setHeader(name, value)
    }
    try {
      await answerNode(byok, { request: request.raw, response: reply.raw, ...(path !== undefined && { path, base }) })
    } catch (error) {
      // After `hijack` nobody else ends it.
      request.log.error(error)
      if (reply.raw.headersSent) reply.raw.destroy()
      else reply.raw.writeHead(500).end()
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
