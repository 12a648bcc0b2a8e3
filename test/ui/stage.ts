import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFinished } from 'vitest'
import { listen } from '../../src/adapters/listen.ts'
import { apiKey, createByok, definePlugin, deviceCode, openaiChat, pkce } from '../../src/index.ts'
import type { Byok } from '../../src/index.ts'
import type { FakeProvider } from '../../src/testing/fake-server.ts'
import { startCodeServer } from '../upstreams/auth/code-server.ts'
import type { CodeServer } from '../upstreams/auth/code-server.ts'
import { startDeviceServer } from '../upstreams/auth/device-server.ts'
import type { DeviceServer } from '../upstreams/auth/device-server.ts'
import { startOpenAIChat } from '../upstreams/openai-chat.ts'
import { hasChromium, launchChromium } from './chromium.ts'

/** No test says no more than it must: each has a byok of its own, with faked providers, and a page that is open on it. */
export interface Stage {
  byok: Byok
  /** Where byok is. */
  url: string
  page: Page
  /** The provider of keys, `acme`. */
  vendor: FakeProvider
  /** Where `globex` signs people in, by PKCE. */
  codes: CodeServer
  /** Where `initech` does, by a device code. */
  devices: DeviceServer
  readConfig(): Promise<string>
  /** As an editor does. */
  writeConfig(text: string): Promise<void>
  /** byok stops listening. @returns what makes it listen again */
  leave(): Promise<() => Promise<void>>
  /** Asks as a client does. */
  ask(model: string): Promise<Response>
}

export interface StageOptions {
  config?: string
  /** Default: `accounts`. */
  view?: string
  browser?: BrowserContextOptions
  /** What the browser complains of, besides nothing. */
  complaints?: RegExp
}

export const skipped = !hasChromium
if (!hasChromium)
  console.warn('There is no Chromium here, so the page is not tested: apt-get install chromium-headless-shell')

const KEY = 'sk-test'
export const CONFIG = `# Kept.\nport: 8018\nproviders:\n  acme: { api_key: ${KEY} }\n`

let browser: Browser
let vendor: FakeProvider
let codes: CodeServer
let devices: DeviceServer

/** Starts what all tests of a file share. */
export function useStage(): void {
  beforeAll(async () => {
    if (skipped) return
    const scopes = ['chat']
    browser = await launchChromium()
    vendor = await startOpenAIChat({ key: KEY, models: ['large', 'small'] })
    codes = await startCodeServer({
      clientId: 'byok',
      scopes,
      redirectPath: '/callback',
      pkce: true,
      clientAuth: 'none',
      tokenFormat: 'form',
    })
    devices = await startDeviceServer({ clientId: 'byok', scopes })
  })
  afterAll(async () => {
    if (skipped) return
    await browser.close()
    for (const server of [vendor, codes, devices]) await server.close()
  })
}

function plugins() {
  const translator = openaiChat()
  const executor = () => Promise.reject(new Error('nobody asks it'))
  const facts = { clientId: 'byok', scopes: ['chat'] }
  return [
    definePlugin({
      name: 'acme',
      title: 'Acme',
      models: ['large', 'small'],
      auth: [apiKey({ env: ['ACME_API_KEY'] })],
      translator,
      executor: ({ fetch, request, credential }) =>
        fetch(`${vendor.url}/chat/completions`, {
          method: 'POST',
          body: JSON.stringify(request.body),
          headers: {
            'content-type': 'application/json',
            authorization: `Bearer ${credential.kind === 'api_key' ? credential.key.reveal() : ''}`,
          },
        }),
    }),
    definePlugin({
      name: 'globex',
      title: 'Globex',
      models: [],
      auth: [
        pkce({
          ...facts,
          label: 'Globex login',
          authUrl: codes.authUrl,
          tokenUrl: codes.tokenUrl,
          redirect: { port: 0, path: '/callback' },
        }),
      ],
      translator,
      executor,
    }),
    definePlugin({
      name: 'initech',
      title: 'Initech',
      models: [],
      auth: [
        deviceCode({ ...facts, label: 'Initech login', deviceUrl: devices.deviceUrl, tokenUrl: devices.tokenUrl }),
      ],
      translator,
      executor,
    }),
  ]
}

/**
 * Opens the page. At the end of the test, nothing may have been asked of anywhere else, and the browser may have complained of
 * nothing, as it would of what the page's Content-Security-Policy forbids.
 */
export async function open({ config = CONFIG, view = 'accounts', ...options }: StageOptions = {}): Promise<Stage> {
  const home = await mkdtemp(join(tmpdir(), 'byok-page-'))
  const file = join(home, 'byok.config.yaml')
  await writeFile(file, config)
  const byok = await createByok({ plugins: plugins(), cwd: home, env: { HOME: home }, log: { level: 'silent' } })
  let server = await listen(byok, { port: 0 })
  const { port } = server
  const url = new URL(server.url).origin
  const context = await browser.newContext({
    viewport: { width: 1280, height: 900 },
    // What moves has to be drawn, which takes a processor without a graphics card most of its time.
    reducedMotion: 'reduce',
    ...options.browser,
  })
  const page = await context.newPage()
  page.setDefaultTimeout(10_000)
  const elsewhere: string[] = []
  const complaints: string[] = []
  page.on('request', (request) => {
    if (!request.url().startsWith(`${url}/`)) elsewhere.push(request.url())
  })
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  onTestFinished(async () => {
    await context.close()
    await server.close()
    await byok.close()
    await rm(home, { recursive: true, force: true })
    expect(elsewhere.filter((address) => !address.startsWith('data:'))).toEqual([])
    expect(complaints.filter((text) => !options.complaints?.test(text))).toEqual([])
  })
  await page.goto(`${url}/ui#${view}`)
  return {
    byok,
    url,
    page,
    vendor,
    codes,
    devices,
    async leave() {
      await server.close()
      return async () => void (server = await listen(byok, { port }))
    },
    writeConfig: async (text) => {
      await writeFile(file, text)
      await byok.reload()
    },
    readConfig: () => readFile(file, 'utf8'),
    ask: (model) =>
      fetch(`${url}/v1/chat/completions`, {
        method: 'POST',
        body: JSON.stringify({ model, stream: true, messages: [{ role: 'user', content: 'Hello' }] }),
      }),
  }
}

/** Something to wait for that a test ends. */
export function gate(): { promise: Promise<void>; open: () => void } {
  let open = () => {}
  const promise = new Promise<void>((resolve) => (open = resolve))
  return { promise, open }
}
