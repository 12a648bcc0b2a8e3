import { onTestFinished } from 'vitest'
import type { ApiKeyCredential, Credential } from '../../../src/core/auth/credential.ts'
import { AnswerBuilder } from '../../../src/core/chat/index.ts'
import type { ChatAnswer, ChatEvent, ChatMessage, ChatRequest } from '../../../src/core/chat/index.ts'
import { configSchema } from '../../../src/core/config/schema.ts'
import type { ProviderConfig } from '../../../src/core/config/schema.ts'
import { Secret } from '../../../src/core/secrets/secret.ts'
import { createUpstream } from '../../../src/core/upstream/client.ts'
import { createNodeTransport } from '../../../src/core/upstream/node-transport.ts'
import { errorOfResponse } from '../../../src/core/upstream/error.ts'
import type { UpstreamFetch } from '../../../src/core/upstream/fetch.ts'
import kiro from '../../../src/plugins/kiro/index.ts'
import { translator } from '../../../src/plugins/kiro/translator.ts'
import type { FakeProvider } from '../../../src/testing/fake-server.ts'
import { KIRO_PROFILE, startKiro } from '../../upstreams/kiro.ts'
import type { KiroFakeOptions } from '../../upstreams/kiro.ts'

export async function fakeKiro(options?: KiroFakeOptions): Promise<FakeProvider> {
  const fake = await startKiro(options)
  onTestFinished(() => fake.close())
  return fake
}

export const key: ApiKeyCredential = { kind: 'api_key', account: 'key', key: new Secret('ksk_test') }

export function login(metadata: Record<string, string> = { profile_arn: KIRO_PROFILE }): Credential {
  return { kind: 'oauth', account: 'me', accessToken: new Secret('kiro-token'), metadata }
}

/** Kiro's settings, with the fake in its place for keys and logins. */
export function settings(more: object = {}): ProviderConfig {
  const config = configSchema.parse({ providers: { kiro: more } }).providers['kiro']
  if (!config) throw new Error('no settings')
  return config
}

export function at(fake: FakeProvider): ProviderConfig {
  return settings({ base_url: fake.url, oauth_base_url: fake.url })
}

export function chatOf(text: string | ChatMessage[], more: Partial<ChatRequest> = {}): ChatRequest {
  const messages: ChatMessage[] =
    typeof text === 'string' ? [{ role: 'user', content: [{ type: 'text', text }] }] : text
  return { model: 'claude-opus-4.6', messages, stream: true, ...more }
}

/** A way to fetch without retries. */
export function plainFetch(): UpstreamFetch {
  const { upstream: config } = configSchema.parse({ upstream: { retries: 0 } })
  const upstream = createUpstream({ ...config, userAgent: 'byok/test' }, createNodeTransport(config, {}))
  onTestFinished(() => upstream.close())
  return upstream.fetchFor({ signal: new AbortController().signal, provider: 'Kiro' })
}

export function send(chat: ChatRequest, credential: Credential, config: ProviderConfig, fetch = plainFetch()) {
  const { signal } = new AbortController()
  const request = { model: chat.model, body: translator.request(chat), stream: true, chat }
  return kiro.executor({ provider: 'kiro', request, credential, config, signal, fetch, requestId: 'r' })
}

/** One request's way to Kiro and back. */
export async function ask(chat: ChatRequest, credential: Credential, config: ProviderConfig): Promise<ChatAnswer> {
  const response = await send(chat, credential, config)
  if (!response.ok) {
    throw await errorOfResponse(response, { provider: 'kiro', title: 'Kiro', translator, secrets: [] })
  }
  const frames = translator.frames?.()
  if (!response.body || !frames) throw new Error('Kiro streams')
  const events = translator.events(chat)
  const builder = new AnswerBuilder()
  const take = (list: ChatEvent[]) => list.forEach((event) => builder.push(event))
  for await (const bytes of response.body) for (const frame of frames.push(bytes)) take(events.push(frame))
  for (const frame of frames.end()) take(events.push(frame))
  take(events.end())
  return builder.answer
}
