import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:https'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import type { TLSSocket } from 'node:tls'
import { describe, expect, it, onTestFinished } from 'vitest'
import { listen } from '../../src/adapters/listen.ts'
import type { ListenOptions } from '../../src/adapters/listen.ts'
import { createKey } from '../../src/core/clients/manage.ts'
import { createByok, createMemoryTokenStore } from '../../src/index.ts'
import type { ByokOptions } from '../../src/index.ts'
import { certificate, privateKey } from './certificate.ts'

const quiet: ByokOptions = { configFiles: false, env: {}, log: { level: 'silent' } }

async function up(options: ByokOptions, how: ListenOptions = {}) {
  const byok = await createByok({ ...quiet, store: createMemoryTokenStore(), ...options })
  onTestFinished(() => byok.close())
  const listening = await listen(byok, { port: 0, ...how })
  onTestFinished(() => listening.close(0))
  return listening
}

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'byok-listen-'))
  onTestFinished(() => rm(path, { recursive: true }))
  return path
}

/** What a server answers to bytes that are sent as they are, once it closes. */
async function raw(port: number, text: string): Promise<string> {
  return await answerTo(connect(port, '127.0.0.1').setEncoding('utf8'), text)
}

async function answerTo(socket: Socket, text: string): Promise<string> {
  socket.write(text)
  let answer = ''
  for await (const chunk of socket) answer += String(chunk)
  return answer
}

it.each([{}, { https: true }])('keeps a connection for longer than clients do, %j', async (how) => {
  const { port } = await up({}, how)
  const socket = how.https ? connectTls(port, '127.0.0.1', { rejectUnauthorized: false }) : connect(port, '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  socket.setEncoding('utf8').write('GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n')
  const [head] = await once(socket, 'data')
  // Codex keeps its own for 90 s and does not read this.
  expect(Number(/^keep-alive: timeout=(\d+)/im.exec(String(head))?.[1])).toBeGreaterThan(120)
})

it.each(['http', 'https', 'a certificate of one’s own'])(
  'does not wait at its end for a connection that nothing came by, %s',
  async (how) => {
    const at = await folder()
    const tls = { cert: join(at, 'cert.pem'), key: join(at, 'key.pem') }
    await writeFile(tls.cert, certificate)
    await writeFile(tls.key, privateKey)
    const secure = how !== 'http'
    const own = how === 'a certificate of one’s own'
    const { port, close } = await up(own ? { server: { tls } } : {}, { https: secure })
    const open = () =>
      secure ? connectTls(port, '127.0.0.1', { rejectUnauthorized: false }) : connect(port, '127.0.0.1')
    // As browsers open some for what they may ask later.
    const silent = open().on('error', () => {})
    const gone = once(silent, 'close')
    await once(silent, secure ? 'secureConnect' : 'connect')
    // The server has it by now: connections are taken in turn.
    const health = 'GET /health HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n'
    expect(await answerTo(open().setEncoding('utf8'), health)).toMatch(/^HTTP\/1\.1 200 /)
    await Promise.all([close(60_000), gone])
  },
)

describe('server.tls', () => {
  /** `GET /health`, and the certificate it came under. */
  async function health(url: string, ca?: string): Promise<{ status: number | undefined; fingerprint: string }> {
    return await new Promise((resolve, reject) => {
      const asked = request(`${url}/health`, ca === undefined ? { rejectUnauthorized: false } : { ca }, (answer) => {
        const { fingerprint256: fingerprint } = (answer.socket as TLSSocket).getPeerCertificate()
        answer.resume().once('end', () => resolve({ status: answer.statusCode, fingerprint }))
      })
      asked.once('error', reject).end()
    })
  }

  it('serves https with a certificate of its own, and tells its fingerprint', async () => {
    const { url, fingerprint } = await up({}, { https: true })
    expect(url).toMatch(/^https:/)
    expect(fingerprint).toMatch(/^([0-9A-F]{2}:){31}/)
    expect(await health(url)).toEqual({ status: 200, fingerprint })
  })

  it('serves https with the certificate that config names', async () => {
    const at = await folder()
    const tls = { cert: join(at, 'cert.pem'), key: join(at, 'key.pem') }
    await writeFile(tls.cert, certificate)
    await writeFile(tls.key, privateKey)
    const { url } = await up({ server: { tls } }, { https: true })
    expect(await health(url, certificate)).toMatchObject({ status: 200 })
  })

  it('says which file of a certificate cannot be read, or that it is none, as a fault of the settings', async () => {
    const at = await folder()
    const tls = { cert: join(at, 'cert.pem'), key: join(at, 'key.pem') }
    await writeFile(tls.cert, certificate)
    await writeFile(tls.key, privateKey)
    // As where a user may not read it: that is not said to be for the port.
    await mkdir(join(at, 'folder'))
    await writeFile(join(at, 'empty.pem'), '')
    for (const [wrong, said] of [
      [{ cert: join(at, 'none.pem') }, /^server\.tls\.cert names \S+none\.pem, which cannot be read \(ENOENT\)\.$/],
      [{ key: join(at, 'folder') }, /^server\.tls\.key names \S+folder, which cannot be read \(EISDIR\)\.$/],
      [{ key: join(at, 'empty.pem') }, /^server\.tls\.key names \S+empty\.pem, which is no PEM file\.$/],
      [{ key: tls.cert }, /^server\.tls names no certificate that can be used: /],
    ] as const) {
      await expect(up({ server: { tls: { ...tls, ...wrong } } })).rejects.toMatchObject({
        name: 'ListenError',
        setting: true,
        message: expect.stringMatching(said) as string,
      })
    }
  })
})

describe('beyond loopback', () => {
  it('byok listens with a key of config, or one that it made, and with no other', async () => {
    const at = await folder()
    const db = join(at, 'tokens.db')
    await expect(up({}, { host: '0.0.0.0' })).rejects.toThrow(/byok key create/)
    await up({ server: { keys: ['k'] } }, { host: '0.0.0.0' })
    const byok = await createByok({ ...quiet, db })
    onTestFinished(() => byok.close())
    await createKey(byok.clients.path ?? '', 'laptop')
    const listening = await listen(byok, { port: 0, host: '0.0.0.0' })
    onTestFinished(() => listening.close(0))
    // Its list may go away: that opens nothing.
    await rm(byok.clients.path ?? '')
    expect((await fetch(`http://127.0.0.1:${listening.port}/v1/models`)).status).toBe(401)
  })
})

describe('a request', () => {
  const head = (more: string) => `POST /v1/messages HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${more}\r\n\r\n`

  it('that does not arrive in its time is refused, and the connection closed', async () => {
    const { port } = await up({ server: { request_timeout: 50 } })
    expect(await raw(port, `${head('Content-Length: 100')}{"model":`)).toMatch(
      /^HTTP\/1\.1 408 [\s\S]*server\.request_timeout/,
    )
  })

  it('whose headers do not end in their time is refused soon after', async () => {
    const at = await folder()
    const tls = { cert: join(at, 'cert.pem'), key: join(at, 'key.pem') }
    await writeFile(tls.cert, certificate)
    await writeFile(tls.key, privateKey)
    const server = { request_timeout: 50 }
    const half = 'POST /v1/messages HTTP/1.1\r\nHost: localhost\r\n'
    const plain = await up({ server })
    expect(await raw(plain.port, half)).toMatch(/^HTTP\/1\.1 408 /)
    const secure = await up({ server: { ...server, tls } })
    const socket = connectTls({ port: secure.port, host: '127.0.0.1', rejectUnauthorized: false })
    expect(await answerTo(socket.setEncoding('utf8'), half)).toMatch(/^HTTP\/1\.1 408 /)
  })

  it('that is too large is answered, and takes nothing down with it', async () => {
    const { port } = await up({ server: { max_body_bytes: 10 } })
    const chunk = `40\r\n${'x'.repeat(64)}\r\n`
    const answer = await raw(port, `${head('Transfer-Encoding: chunked')}${chunk}${chunk}0\r\n\r\n`)
    expect(answer).toMatch(/^HTTP\/1\.1 413 [\s\S]*server\.max_body_bytes/)
    expect((await fetch(`http://127.0.0.1:${port}/health`)).status).toBe(200)
  })

  it.each<[string, string, RegExp]>([
    ['with large headers', head(`X-Large: ${'x'.repeat(20_000)}`), /^HTTP\/1\.1 431 /],
    ['with two lengths', head('Content-Length: 1\r\nContent-Length: 2'), /^HTTP\/1\.1 400 /],
    ['smuggled', head('Content-Length: 1\r\nTransfer-Encoding: chunked'), /^HTTP\/1\.1 400 /],
    ['with a broken header', head('X-A: b\rX-C: d'), /^HTTP\/1\.1 400 /],
    [
      'with a request id that breaks a line',
      head('X-Request-Id: a%0d%0aSet-Cookie: x=1'),
      /^(?![\s\S]*set-cookie)HTTP/i,
    ],
    ['that is no HTTP', '\x16\x03\x01\x02\0\r\n\r\n', /^HTTP\/1\.1 400 /],
  ])('%s is refused', async (_, text, expected) => {
    const { port } = await up({})
    expect(await raw(port, text)).toMatch(expected)
  })
})
