import type { H3Event } from 'h3'
import { ChatError } from '../chat/index.ts'
import { SESSION_LIFETIME } from '../clients/admin-sessions.ts'
import type { AdminSession, AdminSessions } from '../clients/admin-sessions.ts'
import type { ClientKeys } from '../clients/client-keys.ts'
import type { ClientKey } from '../clients/key.ts'
import { FORWARDED } from '../forwarded.ts'
import type { RequestInfo } from '../hooks.ts'
import { guardKey, isLoopback, isOwnOrigin } from './guard.ts'

/** Whose routes are guarded here. */
export interface Administered {
  clients: ClientKeys
  sessions: AdminSessions
}

/** What these guards read of a request. */
export type AdminRequest = Pick<H3Event, 'req'>

const COOKIE = 'byok_admin'

/**
 * Begins a session for a browser: for one that sent a key with `admin`; where no keys are needed, for one on this machine.
 *
 * @returns the `set-cookie` to answer with: no script can read it, and no other site's page can send it
 * @throws {ChatError} 403
 */
export function openAdminSession(
  { clients, sessions }: Administered,
  event: AdminRequest,
  info: Pick<RequestInfo, 'client'>,
): string {
  const key = clients.keyOf(info)
  const byKey = key?.admin === true
  if (!byKey && (clients.required || !isLocal(event) || !mayBeOwn(event.req.headers))) throw adminOnly(info)
  const secure = new URL(event.req.url).protocol === 'https:' ? '; Secure' : ''
  const token = sessions.open(byKey ? key : undefined)
  return `${COOKIE}=${token}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${SESSION_LIFETIME / 1000}${secure}`
}

/**
 * Lets in who may change byok itself: who sent a key with `admin`; or a browser with a session, from byok's own page. A port open
 * on this machine is no page of byok's, so another origin on localhost is refused, and so is a cookie alone, which goes to
 * every port of this machine.
 *
 * @returns the key they came in by, if any
 * @throws {ChatError} 403
 */
export function guardAdmin(
  context: Administered,
  event: AdminRequest,
  info: Pick<RequestInfo, 'client'>,
): ClientKey | undefined {
  const key = context.clients.keyOf(info)
  if (key?.admin === true) return key
  const session = isOwnPage(event.req) ? sessionOf(context, event) : undefined
  if (session) return session.client
  throw adminOnly(info)
}

/** Whether the key or the session that a request came with would be let in now, for an answer that goes on and on. */
export function mayStillAdminister(context: Administered, event: AdminRequest & Pick<H3Event, 'url'>): boolean {
  const info = {}
  const key = guardKey(context.clients, event.req.headers, event.url.searchParams, false)
  if (key) context.clients.admit(info, key)
  try {
    guardAdmin(context, event, info)
    return true
  } catch {
    return false
  }
}

/**
 * Lets in who may see what byok knows of its accounts: administrators, and, where no keys are needed, everybody on this machine.
 *
 * @throws {ChatError} 403
 */
export function guardDetails(context: Administered, event: AdminRequest, info: Pick<RequestInfo, 'client'>): void {
  if (context.clients.required) guardAdmin(context, event, info)
}

function sessionOf({ clients, sessions }: Administered, event: AdminRequest): AdminSession | undefined {
  const cookies = (event.req.headers.get('cookie') ?? '').split(';').map((cookie) => cookie.trim())
  // One that a key opened ends with the key; one that was opened without ends when keys come.
  for (const cookie of cookies) {
    if (!cookie.startsWith(`${COOKIE}=`)) continue
    const session = sessions.find(cookie.slice(COOKIE.length + 1), (label) => clients.admins(label))
    if (session && (session.client !== undefined || (!clients.required && isLocal(event)))) return session
  }
  return undefined
}

/**
 * Whether a request came over loopback, for loopback, by no proxy: the connection is the proxy's then, and who asks may be anywhere. One
 * without a connection, in process, did not.
 */
function isLocal({ req }: AdminRequest): boolean {
  const address = 'ip' in req && typeof req.ip === 'string' ? req.ip.replace(/^::ffff:/i, '') : ''
  const host = req.headers.get('host') ?? ''
  if (!isLoopback(address) || !URL.canParse(`http://${host}`)) return false
  return isLoopback(new URL(`http://${host}`).hostname) && FORWARDED.every((name) => !req.headers.has(name))
}

/** Whether a browser does not say that another page asks. */
function mayBeOwn(headers: Headers): boolean {
  const origin = headers.get('origin')
  if (origin !== null) return isOwnOrigin(origin, headers.get('host'))
  const site = headers.get('sec-fetch-site')
  return site === null || site === 'same-origin' || site === 'none'
}

/** A page says where it is from when it changes something; what it only reads, it cannot if it is another's. */
function isOwnPage({ method, headers }: Request): boolean {
  const changes = method !== 'GET' && method !== 'HEAD'
  if (changes && !headers.has('origin')) return headers.get('sec-fetch-site') === 'same-origin'
  return mayBeOwn(headers)
}

function adminOnly({ client }: Pick<RequestInfo, 'client'>): ChatError {
  const what =
    client === undefined
      ? 'This is for who runs byok: open it in a browser on the machine byok runs on, or send a key'
      : 'The key sent may not administer byok: send one'
  return new ChatError(`${what} made by \`byok key create me --admin\`.`, {
    status: 403,
    type: 'permission_error',
    code: 'admin_only',
  })
}
