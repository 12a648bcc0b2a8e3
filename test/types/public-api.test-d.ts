/* What the public types say. Nothing here is run: `npm run typecheck` holds it. */
import type { LanguageModelV3, ProviderV3 } from '@ai-sdk/provider'
import { createProviderRegistry, customProvider, embed, generateText } from 'ai'
import OpenAI from 'openai'
import { expectTypeOf } from 'vitest'
import { z } from 'zod'
import { anthropicMessages, apiKey, createByok, defineCommand, definePlugin, openaiChat, tokenOf } from 'byok'
import type {
  Byok,
  ByokHooks,
  ChatAnswer,
  ChatEvent,
  ChatInput,
  ExecutorContext,
  Plugin,
  ProviderPlugin,
  Secret,
  TokenStore,
} from 'byok'

const base = { auth: [apiKey()], models: ['one'], translator: openaiChat() }

// A plugin's functions know the keys of its own schema, and the common ones.
const acme = definePlugin({
  ...base,
  name: 'acme',
  apiVersion: 1,
  config: z.object({ region: z.string().default('eu'), retries: z.number().optional() }),
  executor: ({ config, credential, fetch, request }) => {
    expectTypeOf(config.region).toEqualTypeOf<string>()
    expectTypeOf(config.retries).toEqualTypeOf<number | undefined>()
    expectTypeOf(config.base_url).toEqualTypeOf<string | undefined>()
    expectTypeOf(request.body).toEqualTypeOf<Record<string, unknown>>()
    expectTypeOf(tokenOf(credential)).toEqualTypeOf<Secret>()
    return fetch(`https://${config.region}.acme.example`)
  },
  listModels: async ({ config }) => [{ id: config.region }],
  translator: ({ config }) => {
    expectTypeOf(config.region).toEqualTypeOf<string>()
    return anthropicMessages()
  },
})
// It is a plugin like any other, and still known by what it has.
expectTypeOf(acme).toExtend<Plugin>()
expectTypeOf(acme).toExtend<ProviderPlugin>()
expectTypeOf(acme.name).toExtend<string>()
void createByok({ plugins: [acme, 'byok-plugin-other'] })

// Without a schema of its own a key is unknown.
definePlugin({
  ...base,
  name: 'plain',
  executor: ({ config, fetch }) => {
    expectTypeOf(config['region']).toEqualTypeOf<unknown>()
    return fetch('https://acme.example')
  },
})

definePlugin({
  name: 'hooks',
  hooks: {
    chat: ({ chat, info }) => {
      expectTypeOf(chat.model).toEqualTypeOf<string>()
      expectTypeOf(info.usage?.input).toEqualTypeOf<number | undefined>()
    },
    login: ({ change }) => void expectTypeOf(change).toEqualTypeOf<'made' | 'renewed' | 'lost'>(),
  },
  commands: {
    greet: defineCommand({
      description: 'Greets.',
      args: { who: { type: 'positional', required: true }, loud: { type: 'boolean' } },
      run: ({ args, byok }) => {
        expectTypeOf(args.who).toEqualTypeOf<string>()
        expectTypeOf(args.loud).toEqualTypeOf<boolean | undefined>()
        expectTypeOf(byok).toEqualTypeOf<Byok>()
      },
    }),
  },
  stores: { vault: async (url) => ({ url }) as unknown as TokenStore },
})

// @ts-expect-error a hook that there is not
definePlugin({ name: 'wrong', hooks: { requests: () => {} } })
// @ts-expect-error a half that there is not
definePlugin({ name: 'wrong', executer: () => {} })
// @ts-expect-error `event` stands in the stream and cannot wait
definePlugin({ name: 'wrong', hooks: { event: async () => {} } })
definePlugin({ name: 'fine', hooks: { event: ({ event }) => void event, request: async () => {} } })
// @ts-expect-error what is given is changed; another request in its place nobody sees
definePlugin({ name: 'wrong', hooks: { chat: (context) => void (context.chat = {} as never) } })
// @ts-expect-error where it goes is for the executor to say
definePlugin({ name: 'wrong', hooks: { upstreamRequest: (context) => void (context.url = 'https://acme.example') } })
// @ts-expect-error a half of a provider of the wrong type
definePlugin({ name: 'wrong', models: [{ name: 'one' }] })

declare const byok: Byok
expectTypeOf(byok.chat).returns.resolves.toEqualTypeOf<ChatAnswer>()
expectTypeOf(byok.stream).returns.toExtend<AsyncIterable<ChatEvent>>()
expectTypeOf(byok.languageModel('claude/x')).toEqualTypeOf<LanguageModelV3>()
void generateText({ model: byok.languageModel('claude/x'), prompt: 'Hi' })
expectTypeOf(byok).toExtend<ProviderV3>()
void generateText({ model: createProviderRegistry({ byok }).languageModel('byok:claude/x'), prompt: 'Hi' })
void embed({ model: customProvider({ fallbackProvider: byok }).embeddingModel('codex/x'), value: 'Hi' })
new OpenAI({ fetch: byok.fetch })

expectTypeOf<ChatInput>().toExtend<{ model: string }>()
void byok.chat({ model: 'x', messages: [{ role: 'user', content: 'Hi' }] })
void byok.chat({ model: 'x', messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }] })
// @ts-expect-error an answer's part in a question
void byok.chat({ model: 'x', messages: [{ role: 'user', content: [{ type: 'tool-call', id: '', name: '' }] }] })
// @ts-expect-error the call says whether it streams
void byok.chat({ model: 'x', messages: [], stream: true })

expectTypeOf<Parameters<ByokHooks['event']>[0]['event']>().toEqualTypeOf<ChatEvent>()
expectTypeOf<ExecutorContext['signal']>().toEqualTypeOf<AbortSignal>()
