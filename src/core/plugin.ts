import type { z } from 'zod'
import type { Credential } from './auth/credential.ts'
import type { AuthMethod } from './auth/method.ts'
import type { ProviderConfig } from './config/schema.ts'
import type { ByokHooks } from './hooks.ts'
import type { ChatRequest } from './chat/index.ts'
import type { RoutingStrategy } from './routing/strategy.ts'
import type { Translator } from './upstream/translator.ts'
import type { UpstreamFetch, UpstreamResponse } from './upstream/fetch.ts'

/** A model a provider offers. */
export interface ModelInfo {
  /** The provider's own id of it. */
  id: string
  /** Other names a client may use. They are resolved to `id` before the request leaves. */
  aliases?: string[]
  /** Tokens of input and output together. */
  contextWindow?: number
  maxOutputTokens?: number
  /** Unix seconds of the release, where known; shown by `GET /v1/models`. */
  created?: number
  capabilities?: ModelCapabilities
  /** Paths of the provider's API that serve it, such as `/responses`, where the provider says and has several. */
  endpoints?: string[]
  /** The one kind of credential it can be used with. Default: any. */
  credential?: Credential['kind']
}

/** What a model can do. Left out: not known. */
export interface ModelCapabilities {
  /** Takes images. */
  vision?: boolean
  tools?: boolean
  /** Can think before it answers. */
  reasoning?: boolean
}

/** What an executor is handed for one attempt. */
export interface ExecutorContext {
  /** The provider's name, as in config. */
  provider: string
  request: {
    /** The model's name as the provider knows it. */
    model: string
    /** The JSON value to send, in the translator's format. */
    body: Record<string, unknown>
    /** Whether `body` asks for a stream. */
    stream: boolean
    /** The neutral request, except on the fast path, where it was never made. */
    chat: ChatRequest | undefined
    /** What is known of the model; `undefined` where the provider does not list it. */
    info?: ModelInfo
  }
  credential: Credential
  config: ProviderConfig
  /**
   * What the client sent, for the few headers that are part of a request, such as `anthropic-beta`. An executor picks those
   * it means to pass on; the client's own key is among the others.
   */
  clientHeaders?: Headers
  /** Aborts when the client goes away. Already built into {@link ExecutorContext.fetch}. */
  signal: AbortSignal
  /** Like the global `fetch`, with byok's time-outs, retries, proxy and abort. Resolves for every status. */
  fetch: UpstreamFetch
  /** byok's id of the client's request. */
  requestId: string
}

/** Sends one request to the provider and resolves with its answer as it came, errors included. */
export type Executor = (context: ExecutorContext) => Promise<UpstreamResponse>

/** Picks the wire format, for a provider that speaks more than one. */
export type TranslatorPick = (context: {
  model: string
  /** What is known of the model; `undefined` where the provider does not list it. */
  info?: ModelInfo
  credential: Credential
  config: ProviderConfig
  /** What the client speaks, such as `openai-chat`: where the provider speaks it too, bytes can pass through. */
  protocol?: string
}) => Translator

/** What {@link Plugin.listModels} is handed. */
export type ListModelsContext = Pick<ExecutorContext, 'provider' | 'credential' | 'config' | 'signal' | 'fetch'>

/**
 * Asks the provider which models it offers now. byok calls it in the background, at most once in some hours, and keeps
 * the last list it got. Whatever it throws leaves that list as it is.
 */
export type ListModels = (context: ListModelsContext) => Promise<ModelInfo[]>

/** What {@link Plugin.countTokens} is handed. */
export type CountTokensContext = ListModelsContext & {
  /** As an executor would be given it: the body in the translator's format. */
  request: { model: string; body: Record<string, unknown>; chat: ChatRequest; info?: ModelInfo }
  clientHeaders?: Headers
}

/**
 * Asks the provider how many tokens a request has. Resolves with the number; with the provider's answer where that is an error;
 * with `undefined` where this credential cannot ask, so that byok estimates.
 */
export type CountTokens = (context: CountTokensContext) => Promise<number | UpstreamResponse | undefined>

/** Endpoints of OpenAI's whose requests are passed on as they are. */
export type PlainEndpoint = 'embeddings' | 'completions'

/** A provider, or anything else that hooks into byok. Make one with {@link definePlugin}. */
export interface Plugin {
  /** Lower case, unique. A provider's is its name in config and before the slash in `provider/model`. */
  name: string
  /** What people call it, such as `Claude`. Default: `name`. */
  title?: string
  /** The models offered; ids alone or with their facts. Needed for a provider. */
  models?: (string | ModelInfo)[]
  /** Ways to sign in, in the order they are suggested. Needed for a provider. */
  auth?: AuthMethod[]
  /** Needed for a provider. */
  executor?: Executor
  /** Needed for a provider. */
  translator?: Translator | TranslatorPick
  /** For a provider that can be asked for its models. They are added to `models`, whose facts count first. */
  listModels?: ListModels
  /** For a provider that can be asked how many tokens a request has. Without it byok estimates. */
  countTokens?: CountTokens
  /** Sends a request of another of OpenAI's endpoints, for the providers that have it. */
  endpoints?: Partial<Record<PlainEndpoint, Executor>>
  /**
   * Makes a provider of each entry `providers.<name>: { type: <this plugin's name> }` in config whose name no plugin has.
   * A plugin with this half needs no other.
   */
  instance?: (name: string) => ProviderPlugin
  /** Orders in which accounts are tried, by their names in `routing.strategy`. */
  strategies?: Record<string, RoutingStrategy>
  /** See `hooks.ts` for every name and payload. */
  hooks?: Partial<ByokHooks>
  /** Keys under `providers.<name>` beyond the common ones. Default: none. */
  config?: z.ZodObject
}

/** A plugin with all four halves of a provider. */
export type ProviderPlugin = Plugin & Required<Pick<Plugin, 'models' | 'auth' | 'executor' | 'translator'>>

/** Types a plugin; it is returned as it was given. */
export function definePlugin<P extends Plugin>(plugin: P): P {
  return plugin
}
