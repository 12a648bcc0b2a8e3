import type { H3Event } from 'h3'
import type { RequestInfo } from '../hooks.ts'
import type { Protocol } from '../protocols/protocol.ts'
import type { OpenSocket } from './socket.ts'

/** One request's handler. What it throws is answered in the route's protocol. */
export type RouteHandler = (event: H3Event, info: RequestInfo) => Response | Promise<Response>

export type RouteMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

export interface RouteSpec {
  /** As h3 has it: `:name` for a segment, `**` for the rest. */
  path: string
  methods: Partial<Record<RouteMethod, RouteHandler>>
  /** Takes every other method too. */
  any?: RouteHandler
  /** Takes WebSockets too. */
  socket?: (event: H3Event) => OpenSocket
  /** The protocol errors are written in; it may depend on who asks. */
  protocol: Protocol | ((event: H3Event) => Protocol)
  /**
   * Who may ask, besides being of this machine or of an allowed host and origin. Default `client`: who has a key, where there are
   * keys. `details` and `admin`: see `admin.ts`. `anyone`: for what is no secret, such as the page's own files.
   */
  access?: 'client' | 'details' | 'admin' | 'anyone'
  /** Whether it is there now. Default: always. */
  when?: (event: H3Event) => boolean
}
