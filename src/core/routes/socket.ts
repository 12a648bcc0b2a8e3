import type { H3, H3Event } from 'h3'
import type { UpstreamSocket } from '../upstream/transport.ts'

/** A client's WebSocket, as far as a route needs it. */
export interface ClientSocket {
  /** Sends a text frame; resolves when the client has kept pace, or is gone. Never rejects. */
  send(text: string): Promise<void>
  /** Ends the connection at once. */
  cut(): void
}

/** What a route does with one WebSocket. */
export interface SocketSession {
  /** A frame of the client's. `undefined` for one that is no text. */
  message(text: string | undefined): void
  /** The client is gone, or is to be: what is under way for it stops. */
  gone(): void
  /** Takes no more; resolves when what is under way has ended. */
  end(): Promise<void>
}

export type OpenSocket = (socket: ClientSocket) => SocketSession

/** What a route made of a handshake. */
export type TakenSocket = { open: OpenSocket } | { tunnel: UpstreamSocket }

/** The handshakes that somebody can go on from. */
const handshakes = new WeakMap<Request, TakenSocket | undefined>()

/**
 * Asks the app whether it takes a WebSocket, past all its guards.
 *
 * @returns what opens it, where the app does, and the answer to refuse it with where not.
 */
export async function askForSocket(app: H3, request: Request): Promise<{ taken?: TakenSocket; answer: Response }> {
  handshakes.set(request, undefined)
  const answer = await app.fetch(request)
  const taken = handshakes.get(request)
  return { answer, ...(taken && { taken }) }
}

/** Whether a request asks for a WebSocket, as opposed to another protocol or to none. @param upgrade its header of that name */
export function isHandshake(method: string | undefined, upgrade: string | null | undefined): boolean {
  return method === 'GET' && upgrade?.toLowerCase() === 'websocket'
}

/** Whether this is a handshake of somebody's who can have a WebSocket: a host that only carries requests and answers cannot. */
export function canTakeSocket(request: Request): boolean {
  return isHandshake(request.method, request.headers.get('upgrade')) && handshakes.has(request)
}

/** Takes a WebSocket, where who asks can have one. @returns the answer to the request; `undefined` where it is none for a WebSocket. */
export function takeSocket({ req }: H3Event, open: OpenSocket): Response | undefined {
  return canTakeSocket(req) ? taken(req, { open }) : undefined
}

/** Takes a WebSocket for somebody else's server. Only for who {@link canTakeSocket}. @returns the answer to the request */
export function takeTunnel({ req }: H3Event, tunnel: UpstreamSocket): Response {
  return taken(req, { tunnel })
}

function taken(request: Request, how: TakenSocket): Response {
  handshakes.set(request, how)
  // The status of a handshake is no answer's; see `statusOf`.
  return new Response(null)
}

/** The status that a client sees of an answer. */
export function statusOf(request: Request, { status }: Response): number {
  return handshakes.get(request) ? 101 : status
}
