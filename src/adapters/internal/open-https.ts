import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { createServer } from 'node:net'
import { listen as listhen } from 'listhen'
import { isLoopback } from '../../core/routes/guard.ts'
import type { OpenPort, PortOptions } from './open-port.ts'
import { asksForWebSocket } from './upgrades.ts'

/** Listens with a certificate that is made now, by listhen. */
export async function openHttps(answer: RequestListener, { port, host }: PortOptions): Promise<OpenPort> {
  const listener: RequestListener = (request, response) => {
    keepSocket(request, response)
    // After listhen's own listeners have seen the request.
    queueMicrotask(() => answer(request, response))
  }
  try {
    const open = await listhen(listener, {
      // listhen would else move to another port when this one is taken: clients would talk to the wrong server. A range of 0,
      // though, it takes for 3000.
      port:
        port === 0
          ? { port, random: true }
          : { port, ports: [], portRange: [port, port], alternativePortRange: [port, port] },
      hostname: host,
      public: !isLoopback(host),
      showURL: false,
      // It says less then.
      isTest: true,
      isProd: true,
      autoClose: false,
      // listhen's own certificate is good for a day; byok may run for longer.
      https: { validityDays: 365 },
    })
    const { server, https: certificate, close } = open
    server.on('upgrade', (request, socket) => {
      // listhen's way to stop cuts the connections that have no request, as it sees them.
      if (asksForWebSocket(request)) Object.assign(socket, { _isIdle: false })
    })
    return { server, https: certificate, close }
  } catch (error) {
    throw (await whyNot(port, host)) ?? error
  }
}

/**
 * listhen's way to stop looks for a request's socket once it is answered, and ends the process where it finds none: a route
 * that somebody added to byok's app may have cancelled the request's body, which takes the socket away.
 */
function keepSocket(request: IncomingMessage, response: ServerResponse): void {
  const { socket } = request
  response.once('finish', () => void (request.socket = socket))
}

/** What the system says to listening there; listhen tells only that it cannot. */
async function whyNot(port: number, host: string): Promise<unknown> {
  const probe = createServer()
  try {
    return await new Promise((resolve) => {
      probe.once('error', resolve)
      probe.listen(port, host, () => resolve(undefined))
    })
  } finally {
    probe.close()
  }
}
