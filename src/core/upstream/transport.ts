import type { Duplex } from 'node:stream'
import type { Stop } from '../async/abort.ts'
import type { Secret } from '../secrets/secret.ts'
import type { UpstreamResponse } from './fetch.ts'

/** One request, as it is to leave. */
export interface OutgoingRequest {
  method: string
  /** By their names in lower case. */
  headers: Record<string, string>
  /** A stream is sent while it still arrives. */
  body?: string | Uint8Array | ReadableStream<Uint8Array> | null | undefined
  signal: Stop
  /** Default: the way the environment names, else a direct one. */
  proxy?: Secret | undefined
  /** Whether it is never sent again, even where the connection was gone that it went by. */
  once?: boolean | undefined
}

/** What a server answered to the handshake of a WebSocket, and the connection it goes on by. */
export interface UpstreamSocket {
  headers: Headers
  socket: Duplex
}

/** How requests leave this runtime: each once, redirects not followed. What goes wrong is thrown as it comes. */
export interface Transport {
  send(url: string, request: OutgoingRequest): Promise<UpstreamResponse>
  /** Opens a WebSocket that byok passes on. */
  openSocket(url: string, request: Pick<OutgoingRequest, 'headers' | 'signal'>): Promise<UpstreamSocket>
  /** Breaks what is still open. */
  close(): Promise<void>
}

/** Variables of the environment, by their names. */
export type Environment = Record<string, string | undefined>

export interface TransportTimeouts {
  /** Milliseconds to open a connection. */
  connect_timeout: number
  /** Milliseconds until the response's headers. */
  response_timeout: number
  /** Milliseconds between two chunks of a body. */
  idle_timeout: number
}
