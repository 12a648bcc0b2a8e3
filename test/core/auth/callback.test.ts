import { request } from 'node:http'
import { describe, expect, it, onTestFinished } from 'vitest'
import { listenForCallback } from '../../../src/core/auth/callback.ts'
import { pkce } from '../../../src/core/auth/authorization-code.ts'
import { AuthError } from '../../../src/core/auth/error.ts'

async function listen() {
  const callback = await listenForCallback({
    port: 0,
    path: '/callback',
    state: 'the-state',
    title: 'Acme',
    portKey: 'k',
  })
  onTestFinished(() => callback.finish())
  return { callback, url: `http://127.0.0.1:${callback.port}/callback` }
}

/** The status of a request under another host's name, or of a path, which `fetch` does not send. */
function statusUnder(
  host: string,
  port: number,
  path = '/callback?code=c&state=the-state',
): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path, headers: { host } }, (response) => {
      response.resume()
      resolve(response.statusCode)
    })
      .on('error', reject)
      .end()
  })
}

describe('the callback listener', () => {
  it('takes one code, once, and then turns others away', async () => {
    const { callback, url } = await listen()
    const first = fetch(`${url}?code=one&state=the-state`)
    expect(await callback.code).toBe('one')
    expect((await fetch(`${url}?code=two&state=the-state`)).status).toBe(400)
    await callback.finish()
    const page = await first
    expect(page.status).toBe(200)
    expect(await page.text()).not.toContain('one&')
    await expect(fetch(url)).rejects.toThrow()
  })

  it('answers only under a name of this machine', async () => {
    const { callback } = await listen()
    expect(await statusUnder('evil.example.com', callback.port)).toBe(400)
    expect(await statusUnder(`evil.example.com:${callback.port}`, callback.port)).toBe(400)
  })

  it.each(['?code=c', '?code=c&state=', '?code=c&state=the-statE', '?state=the-state'])(
    'turns away %s',
    async (query) => {
      const { url } = await listen()
      expect((await fetch(url + query)).status).toBe(400)
    },
  )

  it('outlives an address that is none', async () => {
    const { callback, url } = await listen()
    expect(await statusUnder('localhost', callback.port, '//')).toBe(400)
    expect((await fetch(`${url}?code=c&state=no`)).status).toBe(400)
  })

  it('takes no method but GET', async () => {
    const { url } = await listen()
    expect((await fetch(`${url}?code=c&state=the-state`, { method: 'POST' })).status).toBe(405)
  })

  it('tells the browser how it failed', async () => {
    const { callback, url } = await listen()
    const page = fetch(`${url}?code=c&state=the-state`)
    await callback.code
    await callback.finish(new AuthError('Acme said <b>no</b>', { code: 'x' }))
    expect(await (await page).text()).toContain('Acme said &lt;b&gt;no&lt;/b&gt;.')
  })

  it('names the port where it is taken, on either loopback address', async () => {
    const { callback } = await listen()
    const again = listenForCallback({ port: callback.port, path: '/c', state: 's', title: 'Acme', portKey: 'the.key' })
    await expect(again).rejects.toThrow(new RegExp(`Port ${callback.port} of 127.0.0.1 is not free.*the\\.key`))
  })

  it('listens at the other port where the first is taken, and names the first where both are', async () => {
    const { callback: first } = await listen()
    const facts = { port: first.port, path: '/c', state: 's', title: 'Acme', portKey: 'the.key' }
    const second = await listenForCallback({ ...facts, otherPort: 0 })
    onTestFinished(() => second.finish())
    expect(second.port).not.toBe(first.port)
    const both = listenForCallback({ ...facts, otherPort: second.port })
    await expect(both).rejects.toThrow(`Port ${first.port} of 127.0.0.1 is not free`)
  })

  it('has the browser sent back to the other port, unless config names one', async () => {
    const { callback: taken } = await listen()
    const method = pkce({
      label: 'Acme login',
      clientId: 'id',
      authUrl: 'http://127.0.0.1:1/authorize',
      tokenUrl: 'http://127.0.0.1:1/token',
      scopes: [],
      redirect: { port: taken.port, otherPort: 0, path: '/c' },
    })
    const login = async (oauth: object) => {
      const stop = new AbortController()
      const fetch = () => Promise.reject(new Error('not asked'))
      let opened = ''
      const done = method.login({
        provider: 'acme',
        title: 'Acme',
        config: { enabled: true, headers: {}, models: [], oauth },
        env: {},
        signal: stop.signal,
        fetch,
        fetchOnce: fetch,
        ui: {
          openUrl(url) {
            opened = url
            stop.abort(new Error('stopped'))
          },
          showDeviceCode: () => {},
          askRedirect: () => Promise.resolve(undefined),
          note: () => {},
        },
      })
      await expect(done).rejects.toThrow()
      return URL.canParse(opened) ? new URL(opened).searchParams.get('redirect_uri') : undefined
    }
    expect(await login({})).toMatch(/^http:\/\/localhost:\d+\/c$/)
    expect(await login({ callback_port: taken.port })).toBeUndefined()
  })
})
