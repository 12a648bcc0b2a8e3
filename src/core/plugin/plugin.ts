import type { z } from 'zod'
import type { Credential } from '../auth/credential.ts'
import type { AuthMethod } from '../auth/method.ts'
import type { ProviderConfig } from '../config/schema.ts'
import type { ByokHooks } from '../hooks.ts'
import type { ChatRequest } from '../chat/index.ts'
import type { OpenStore, PluginCommand, PluginProtocol, PluginRoute } from './parts.ts'
import type { RoutingStrategy } from '../routing/strategy.ts'
import type { Translator } from '../translator/translator.ts'
import type { UpstreamFetch, UpstreamResponse } from '../upstream/fetch.ts'
import { writtenJson } from '../json/written-json.ts'

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
  /** The day that the provider has said it shuts the model down on, `YYYY-MM-DD`; it may move such a day. */
  shutdownDate?: string
  /** The model that the provider says to ask in its place then. */
  replacement?: string
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

/** The settings of a provider whose plugin has a `config` of its own. */
export type ConfigWith<Own extends z.ZodObject> = ProviderConfig & z.output<Own>

/** What an executor is handed for one attempt. */
export interface ExecutorContext<Own extends z.ZodObject = z.ZodObject> {
  /** The provider's name, as in config. */
  provider: string
  request: {
    /** The model's name as the provider knows it. */
    model: string
    /** The JSON value to send, in the translator's format. */
    body: Record<string, unknown>
    /**
     * `body` as JSON, word for word as the client wrote it but for the model's name, where it passes through: what an executor sends
     * that changes nothing in `body`. See {@link jsonOf}.
     */
    bytes?: Uint8Array | undefined
    /** Whether `body` asks for a stream. */
    stream: boolean
    /** The neutral request, except on the fast path, where it was never made. */
    chat: ChatRequest | undefined
    /** What is known of the model; `undefined` where the provider does not list it. */
    info?: ModelInfo
  }
  credential: Credential
  config: ConfigWith<Own>
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

/**
 * What an executor sends of a request: the client's own bytes where there are some.
 * @param body what it made of the request's, which then is sent instead. Default: it changes nothing.
 */
export function jsonOf(
  request: Pick<ExecutorContext['request'], 'body' | 'bytes'>,
  body = request.body,
): string | Uint8Array {
  return (body === request.body ? request.bytes : undefined) ?? writtenJson(body)
}

/*
 * The functions below are typed as methods, whose parameters are compared both ways: so a plugin whose functions read settings of
 * its own is still a Plugin.
 */

/** Sends one request to the provider and resolves with its answer as it came, errors included. */
export type Executor<Own extends z.ZodObject = z.ZodObject> = {
  call(context: ExecutorContext<Own>): Promise<UpstreamResponse>
}['call']

/** Picks the wire format, for a provider that speaks more than one. */
export type TranslatorPick<Own extends z.ZodObject = z.ZodObject> = {
  call(context: {
    model: string
    /** What is known of the model; `undefined` where the provider does not list it. */
    info?: ModelInfo
    credential: Credential
    config: ConfigWith<Own>
    /** What the client speaks, such as `openai-chat`: where the provider speaks it too, bytes can pass through. */
    protocol?: string
    /**
     * The request, once it is known that it will be translated: for a provider that takes some in one format and some in another.
     * The translator picked without it is asked before whether bytes pass through ({@link Translator.passes}).
     */
    chat?: ChatRequest
  }): Translator
}['call']

/** What {@link Plugin.listModels} is handed. */
export type ListModelsContext<Own extends z.ZodObject = z.ZodObject> = Pick<
  ExecutorContext<Own>,
  'provider' | 'credential' | 'config' | 'signal' | 'fetch'
>

/**
 * Asks the provider which models it offers now. byok calls it in the background, at most once in some hours, and keeps
 * the last list it got. Whatever it throws leaves that list as it is.
 */
export type ListModels<Own extends z.ZodObject = z.ZodObject> = {
  call(context: ListModelsContext<Own>): Promise<ModelInfo[]>
}['call']

/** What {@link Plugin.countTokens} is handed. */
export type CountTokensContext<Own extends z.ZodObject = z.ZodObject> = ListModelsContext<Own> & {
  /** As an executor would be given it: the body in the translator's format. */
  request: { model: string; body: Record<string, unknown>; chat: ChatRequest; info?: ModelInfo }
  clientHeaders?: Headers
}

/**
 * Asks the provider how many tokens a request has. Resolves with the number; with the provider's answer where that is an error;
 * with `undefined` where this credential cannot ask, so that byok estimates.
 */
export type CountTokens<Own extends z.ZodObject = z.ZodObject> = {
  call(context: CountTokensContext<Own>): Promise<number | UpstreamResponse | undefined>
}['call']

/**
 * Endpoints whose requests are passed on as they are: those of OpenAI (edits of images as JSON, whatever the client sends; the fields of forms with
 * recordings as an object, whose `file` is a `File`: `audioAsForm` of `byok/kit` makes the form again), and Google's
 * embeddings (`:batchEmbedContents` where the body has `requests`, `:embedContent` else) and Interactions. Of one of the last that it holds,
 * the body has the `method` and, after `/interactions/`, the `path`.
 */
export type PlainEndpoint =
  | 'embeddings'
  | 'completions'
  | 'images/generations'
  | 'images/edits'
  | 'audio/transcriptions'
  | 'audio/translations'
  | 'audio/speech'
  | 'moderations'
  | 'gemini-embeddings'
  | 'interactions'
  | 'held-interactions'

/**
 * The version of what a plugin is. It is raised when a plugin that was made for the one before would no longer work; what is only
 * added does not raise it.
 */
export const PLUGIN_API_VERSION = 1

/** A provider, or anything else that hooks into byok. Make one with {@link definePlugin}. */
export interface Plugin<Own extends z.ZodObject = z.ZodObject> {
  /** Lower case, unique. A provider's is its name in config and before the slash in `provider/model`. */
  name: string
  /** What people call it, such as `Claude`. Default: `name`. */
  title?: string
  /**
   * The {@link PLUGIN_API_VERSION} it is made for, as a number that its package states: a byok of another version refuses it
   * with a word to the person, instead of failing in the middle of a request. Default: whichever byok has.
   */
  apiVersion?: number
  /** The models offered; ids alone or with their facts. Needed for a provider. */
  models?: (string | ModelInfo)[]
  /** The way to sign in, or several, in the order they are suggested. Needed for a provider. */
  auth?: AuthMethod | AuthMethod[]
  /** Needed for a provider. */
  executor?: Executor<Own>
  /** Needed for a provider. */
  translator?: Translator | TranslatorPick<Own>
  /**
   * For a provider that can be asked for its models. They are added to `models`, and what is said of one there counts over
   * what `models` says, but for its aliases and its `credential`.
   */
  listModels?: ListModels<Own>
  /**
   * That `listModels` gives all that an account may use. Where a provider has one account, models that its list lacks are then
   * offered no more, though `provider/model` still asks for them. Default: `false`.
   */
  listsAll?: boolean
  /** For a provider that can be asked how many tokens a request has. Without it byok estimates. */
  countTokens?: CountTokens<Own>
  /**
   * Names of models that do not chat, and stand in no list: `gpt-image-*`, where `*` stands for any text. Clients may ask for one without
   * naming the provider where nobody lists it.
   */
  otherModels?: string[]
  /** Sends a request of another endpoint than those of chats, for the providers that have it. */
  endpoints?: Partial<Record<PlainEndpoint, Executor<Own>>>
  /**
   * Makes a provider of each entry `providers.<name>: { type: <this plugin's name> }` in config whose name no plugin has.
   * A plugin with this half needs no other. Config knows no other `type` than that of byok's own `openai-compatible`.
   */
  instance?: (name: string) => ProviderPlugin
  /** Orders in which accounts are tried, by their names in `routing.strategy`. */
  strategies?: Record<string, RoutingStrategy>
  /** See `hooks.ts` for every name and payload. */
  hooks?: Partial<ByokHooks>
  /** What else clients may speak, each at a path of its own. */
  protocols?: PluginProtocol[]
  /** Pages and endpoints of its own, behind the same guards as byok's. */
  routes?: PluginRoute[]
  /** Commands of the CLI by their names: `byok <name>`. Make them with {@link defineCommand}. */
  commands?: Record<string, PluginCommand>
  /** Places for logins, by the scheme of config's `db`: `redis` for `db: redis://…`. */
  stores?: Record<string, OpenStore>
  /** Keys under `providers.<name>` beyond the common ones. Default: none. */
  config?: Own
}

/** A plugin with all four halves of a provider. */
export type ProviderPlugin = KnownPlugin & Required<Pick<KnownPlugin, 'models' | 'auth' | 'executor' | 'translator'>>

/** A plugin as it is registered: its ways to sign in are a list, however many there are. */
export interface KnownPlugin extends Omit<Plugin, 'auth'> {
  auth?: AuthMethod[]
}

/**
 * Types a plugin; it is returned as it was given. Its functions get `config` with the keys of its own schema:
 *
 * ```ts
 * definePlugin({
 *   name: 'acme',
 *   apiVersion: 1,
 *   config: z.object({ region: z.string().default('eu') }),
 *   executor: ({ config, fetch }) => fetch(`https://${config.region}.acme.example`), // a string
 *   …
 * })
 * ```
 */
export function definePlugin<Own extends z.ZodObject, P extends Plugin<Own>>(
  plugin: P & { config?: Own } & Exact<P, Plugin>,
): P {
  return plugin
}

/** A key that `Known` lacks is a mistake, which the inference of `P` would else take for one of its own. */
type Exact<P, Known> = { [Key in Exclude<keyof P, keyof Known>]: never }
