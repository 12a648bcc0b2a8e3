import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { codeOf } from '../log/fault.ts'
import { notExpected, notSignedIn, PAGE_HEADERS, renderPage, signedIn } from './callback-page.ts'
import type { CallbackPage } from './callback-page.ts'
import { AuthError } from './error.ts'
import { errorIn, readRedirect } from './redirect.ts'

export interface CallbackOptions {
  /** 0 takes a free one. */
  port: number
  /** Where to listen instead, if that one is not free. */
  otherPort?: number | undefined
  /** Such as `/auth/callback`. */
  path: string
  state: string
  /** What people call the provider. */
  title: string
  /** The config key of the port, for the error of one that is taken. */
  portKey: string
  /** Told of the first redirect that is turned away for its `state`, with the error it names: some providers leave `state` out. */
  onStray?(error: string | undefined): void
}

/** A listener that waits for the browser to come back from the authorization server. */
export interface Callback {
  /** Where it listens. */
  port: number
  /**
   * Resolves with the code, once. Further redirects are turned away.
   * @throws {AuthError} what the authorization server said.
   */
  code: Promise<string>
  /** Tells the browser how it ended, then stops listening. */
  finish(error?: AuthError): Promise<void>
}

/** How long a browser's connection may keep a finished login open. */
const FAREWELL_MS = 1000

/**
 * Listens on loopback only: 127.0.0.1, and ::1 where the machine has it, because `localhost` may mean either.
 * @throws {AuthError} `port_in_use`, naming the port.
 */
export async function listenForCallback(options: CallbackOptions): Promise<Callback> {
  const { path, state, title } = options
  let settle: { resolve(code: string): void; reject(error: AuthError): void } | undefined
  const code = new Promise<string>((resolve, reject) => {
    settle = { resolve, reject }
  })
  // It is raced against a pasted answer, and nobody need be waiting when it fails.
  code.catch(() => {})
  let waiting: ServerResponse | undefined
  let stray = false

  const handle = (request: IncomingMessage, response: ServerResponse) => {
    // Another site's page can make the browser call here under a name of its own; only loopback's names are answered.
    if (!/^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i.test(request.headers.host ?? ''))
      return show(response, notExpected)
    const { url: target = '/' } = request
    // Anything on this machine may call, with an address that is none.
    if (!URL.canParse(target, 'http://localhost')) return void response.writeHead(400, PAGE_HEADERS).end()
    const url = new URL(target, 'http://localhost')
    if (url.pathname !== path) return void response.writeHead(404, PAGE_HEADERS).end()
    if (request.method !== 'GET') return void response.writeHead(405, { ...PAGE_HEADERS, allow: 'GET' }).end()
    const redirect = readRedirect(url.searchParams, state, title)
    if ('problem' in redirect || !settle) {
      if ('problem' in redirect && redirect.problem === 'state' && settle && !stray) {
        stray = true
        options.onStray?.(errorIn(url.searchParams))
      }
      return show(response, notExpected)
    }
    waiting = response
    if ('error' in redirect) settle.reject(redirect.error)
    else settle.resolve(redirect.code)
    settle = undefined
  }

  const servers = await listenAtEither(options, handle)
  const [first] = servers
  const { port } = first.address() as AddressInfo
  return {
    port,
    code,
    async finish(error) {
      if (waiting && !waiting.writableEnded)
        show(waiting, error ? notSignedIn(title, sentence(error.message)) : signedIn(title))
      await Promise.all(servers.map(close))
    },
  }
}

/** At the other port, if there is one and the first is not free. @throws {AuthError} that names the first, where neither is */
async function listenAtEither(
  options: CallbackOptions,
  handle: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<[Server, ...Server[]]> {
  const { otherPort: port } = options
  try {
    return await listen(options, handle)
  } catch (error) {
    if (port === undefined || !(error instanceof AuthError)) throw error
    return await listen({ ...options, port }, handle).catch(() => {
      throw error
    })
  }
}

async function listen(
  options: CallbackOptions,
  handle: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<[Server, ...Server[]]> {
  const first = createServer(handle)
  await bind(first, '127.0.0.1', options.port, options)
  const { port } = first.address() as AddressInfo
  const second = createServer(handle)
  try {
    await bind(second, '::1', port, options)
    return [first, second]
  } catch (error) {
    if (error instanceof AuthError) {
      await close(first)
      throw error
    }
    // No IPv6 here.
    return [first]
  }
}

async function bind(server: Server, host: string, port: number, { portKey, title }: CallbackOptions): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen({ host, port, exclusive: true }, resolve)
    })
  } catch (error) {
    const code = codeOf(error)
    if (code !== 'EADDRINUSE' && code !== 'EACCES') throw error
    const reason =
      code === 'EACCES' ? 'this user may not open it' : 'another program has it open, perhaps another login'
    throw new AuthError(
      `Port ${port} of ${host} is not free: ${reason}. ${title} sends the browser back to that port, so end that program ` +
        `and log in again (${portKey} names another port, where the provider allows one).`,
      { code: 'port_in_use', cause: error },
    )
  }
}

function show(response: ServerResponse, page: CallbackPage): void {
  response.writeHead(page.status, PAGE_HEADERS).end(renderPage(page))
}

async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  const timer = setTimeout(() => server.closeAllConnections(), FAREWELL_MS)
  server.closeIdleConnections()
  await closed
  clearTimeout(timer)
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`
}
