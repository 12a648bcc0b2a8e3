import { describe, expect, it } from 'vitest'
import { AdminSessions, SESSION_LIFETIME } from '../../../src/core/clients/admin-sessions.ts'
import { ClientKeys } from '../../../src/core/clients/client-keys.ts'
import { configSchema } from '../../../src/core/config/index.ts'
import { guardAdmin, guardDetails, openAdminSession } from '../../../src/core/routes/admin.ts'
import type { AdminRequest } from '../../../src/core/routes/admin.ts'

const keys = [
  { key: 'admin-key', label: 'root', admin: true },
  { key: 'chat-key', label: 'editor' },
]

function setup(server: object = {}) {
  const clock = { now: 0 }
  const state = { config: configSchema.parse({ server }) }
  const context = {
    clients: new ClientKeys({ config: () => state.config }),
    sessions: new AdminSessions(
      () => Buffer.alloc(32, 7),
      () => clock.now,
    ),
  }
  const configure = (next: object) => (state.config = configSchema.parse({ server: next }))
  return { context, clock, configure }
}

function from(headers: Record<string, string> = {}, { ip = '127.0.0.1', method = 'GET' } = {}): AdminRequest {
  const req = new Request('http://localhost:8018/', { method, headers: { host: 'localhost:8018', ...headers } })
  return { req: Object.assign(req, { ip }) as AdminRequest['req'] }
}

/** A request that came with the key of this label. */
function sentBy(clients: ClientKeys, label: string) {
  const info = {}
  const key = clients.all().find((client) => client.label === label)
  if (!key) throw new Error('no such key')
  clients.admit(info, key)
  return info
}

const cookieOf = (setCookie: string) => ({ cookie: `other=1; ${setCookie.split(';')[0] ?? ''}` })
const refused = expect.objectContaining({ status: 403, code: 'admin_only' })

describe('without keys', () => {
  const { context } = setup()
  const set = openAdminSession(context, from(), {})

  it("a browser on this machine gets a session that scripts and other sites' pages cannot use", () => {
    expect(set).toMatch(/^byok_admin=[0-9a-z]+\.\.[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=\d+$/)
    expect(() => guardAdmin(context, from(cookieOf(set)), {})).not.toThrow()
    const own = { ...cookieOf(set), origin: 'http://localhost:8018' }
    expect(() => guardAdmin(context, from(own, { method: 'POST' }), {})).not.toThrow()
  })

  it.each<[string, AdminRequest]>([
    ['without one', from()],
    ['of another', from({ cookie: 'byok_admin=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' })],
    ['from a page on another port', from({ ...cookieOf(set), origin: 'http://localhost:3000' }, { method: 'POST' })],
    ['by a form that says nothing', from(cookieOf(set), { method: 'POST' })],
    ['from another site', from({ ...cookieOf(set), 'sec-fetch-site': 'cross-site' })],
    ['from another site of this machine', from({ ...cookieOf(set), 'sec-fetch-site': 'same-site' })],
    ['from another machine', from(cookieOf(set), { ip: '192.168.1.5' })],
    ['under a foreign name', from({ ...cookieOf(set), host: 'box.lan' })],
    ['by way of a proxy', from({ ...cookieOf(set), 'x-forwarded-for': '203.0.113.7' })],
    ['in process', { req: new Request('http://localhost/', { headers: cookieOf(set) }) as AdminRequest['req'] }],
  ])('a request %s is refused', (_, request) => {
    expect(() => guardAdmin(context, request, {})).toThrow(refused)
  })

  it('nobody else gets one', () => {
    for (const request of [
      from({}, { ip: '10.0.0.1' }),
      from({ 'sec-fetch-site': 'cross-site' }),
      from({ via: 'x' }),
    ]) {
      expect(() => openAdminSession(context, request, {})).toThrow(refused)
    }
  })

  it('everybody on this machine may see details', () => {
    expect(() => guardDetails(context, from(), {})).not.toThrow()
  })

  it('a session ends: some hours after it began, and when keys come', () => {
    const { context, clock, configure } = setup()
    const set = openAdminSession(context, from(), {})
    clock.now += SESSION_LIFETIME - 1
    expect(() => guardAdmin(context, from(cookieOf(set)), {})).not.toThrow()
    configure({ keys })
    expect(() => guardAdmin(context, from(cookieOf(set)), {})).toThrow(refused)
    configure({})
    clock.now += 1
    expect(() => guardAdmin(context, from(cookieOf(set)), {})).toThrow(refused)
  })
})

describe('with keys', () => {
  const { context, configure } = setup({ keys })

  it('to be on this machine is not enough', () => {
    expect(() => openAdminSession(context, from(), {})).toThrow(refused)
    expect(() => openAdminSession(context, from(), sentBy(context.clients, 'editor'))).toThrow(/key create me --admin/)
    expect(() => guardDetails(context, from(), sentBy(context.clients, 'editor'))).toThrow(refused)
    expect(() => guardAdmin(context, from(), sentBy(context.clients, 'editor'))).toThrow(/may not administer/)
  })

  it('a key with `admin` may, from anywhere, and open a session that ends with it', () => {
    const remote = { ip: '192.168.1.5' }
    expect(() => guardAdmin(context, from({}, remote), sentBy(context.clients, 'root'))).not.toThrow()
    const set = openAdminSession(context, from({}, remote), sentBy(context.clients, 'root'))
    expect(() => guardAdmin(context, from(cookieOf(set), remote), {})).not.toThrow()
    configure({ keys: keys.slice(1) })
    expect(() => guardAdmin(context, from(cookieOf(set), remote), {})).toThrow(refused)
  })
})
