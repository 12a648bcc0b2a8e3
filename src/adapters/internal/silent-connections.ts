import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { UnderWay } from '../../core/async/under-way.ts'

/**
 * The connections of a server by which nothing has come yet: browsers open some for what they may ask later, and so does Node's own fetch
 * in place of one that it cut. Node takes them for requests that have begun, so that the end of a server would wait for them.
 */
export class SilentConnections {
  readonly #open = new UnderWay<Socket>()

  constructor(server: Server) {
    const add = (socket: Socket) => void socket.once('close', this.#open.add(socket))
    // Of TLS the first is the connection below, by which the handshake comes.
    server.on('connection', add).on('secureConnection', add)
  }

  /** Cuts them, but for those that bring something at this moment. */
  async cut(): Promise<void> {
    // Between two of these, all is read that has arrived.
    await turn()
    await turn()
    for (const socket of this.#open) if (socket.bytesRead === 0) socket.destroy()
  }
}
