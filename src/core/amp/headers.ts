import type { ClientKeys } from '../clients/client-keys.ts'
import type { Config } from '../config/schema.ts'
import { FORWARDED } from '../forwarded.ts'

/** Headers of one connection, not of the message (RFC 9110, 7.6.1); `connection` names further ones. */
const HOP_BY_HOP = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]

/**
 * What is said to this machine alone: whose it is, how it was reached, and the cookies of whatever else runs on localhost, which
 * browsers send to every port.
 */
const LOCAL = ['host', 'cookie', 'origin', 'referer', 'expect', ...FORWARDED]

/** What signs a request. */
const SIGNED = ['authorization', 'x-api-key', 'x-goog-api-key']

/**
 * A client's headers as they may leave for Amp: with Amp's key where config has one, else with the client's own. A key of byok's own
 * (`server.keys`, `byok key create`) never leaves.
 */
export function requestHeaders(headers: Headers, { amp }: Pick<Config, 'amp'>, clients: ClientKeys): Headers {
  const sent = withoutHops(headers)
  for (const name of [...sent.keys()]) {
    if (LOCAL.includes(name) || name.startsWith('x-forwarded-') || name.startsWith('sec-fetch-')) sent.delete(name)
  }
  for (const name of SIGNED) {
    const value = sent.get(name)
    const key = value?.replace(/^Bearer\s+/i, '').trim()
    if (amp.api_key || (key !== undefined && clients.knows(key))) sent.delete(name)
  }
  if (amp.api_key) sent.set('authorization', `Bearer ${amp.api_key.reveal()}`)
  return sent
}

/**
 * Amp's headers as they may reach the client. Where a browser opens such an answer, nothing in it runs as a part of byok, whose page
 * and whose admin's session are of the same origin.
 */
export function responseHeaders(headers: Headers): Headers {
  const sent = withoutHops(headers)
  sent.append('content-security-policy', 'sandbox')
  sent.set('x-content-type-options', 'nosniff')
  return sent
}

/** As {@link responseHeaders}, of the answer to the handshake of a WebSocket. */
export function handshakeHeaders(headers: Headers): Headers {
  return withoutHops(headers)
}

/** The query as it came, but without a key of byok's own. */
export function querySent({ search, searchParams }: URL, clients: ClientKeys): string {
  if (!searchParams.getAll('key').some((key) => clients.knows(key))) return search
  const sent = new URLSearchParams(searchParams)
  sent.delete('key')
  const text = sent.toString()
  return text === '' ? '' : `?${text}`
}

function withoutHops(headers: Headers): Headers {
  const kept = new Headers(headers)
  const named = (headers.get('connection') ?? '').split(',').map((name) => name.trim().toLowerCase())
  for (const name of [...HOP_BY_HOP, ...named]) if (/^[!#$%&'*+.^_`|~\w-]+$/.test(name)) kept.delete(name)
  return kept
}
