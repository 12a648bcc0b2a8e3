import type { H3 } from 'h3'
import type { Driver } from 'unstorage'
import type { ChatAnswer, ChatEvent } from './chat/index.ts'
import type { Auth } from './auth/auth.ts'
import type { ClientKeys } from './clients/client-keys.ts'
import type { Drafts } from './config/layers.ts'
import type { Config, ConfigInput } from './config/index.ts'
import type { HookTimes } from './plugin/hook-watch.ts'
import type { ByokHooks, Hooks } from './hooks.ts'
import type { CallOptions } from './in-process/call.ts'
import type { ChatInput } from './in-process/input.ts'
import type { AISDKProvider } from './language-model/index.ts'
import type { Logger } from './log/log.ts'
import type { ModelLists } from './models/index.ts'
import type { Plugin } from './plugin/plugin.ts'
import type { Registry } from './registry.ts'
import type { Reloaded, ReloadOptions } from './start/reload.ts'
import type { Router } from './routing/router.ts'
import type { TokenStore } from './store/index.ts'
import type { UsageDatabase } from './usage/database.ts'

/** Options of {@link createByok}: every key of the config, as in YAML, and what only a program can give. */
export interface ByokOptions extends Omit<ConfigInput, 'plugins' | 'providers'> {
  /** Settings of each provider, by its name; a plugin's own keys stand beside the common ones. */
  providers?: Record<string, NonNullable<ConfigInput['providers']>[string] & { [key: string]: unknown }> | undefined
  /** Plugins besides the built-in ones: objects, package names, or paths. */
  plugins?: (string | Plugin)[] | undefined
  /** Handlers to add before any plugin's. */
  hooks?: Partial<ByokHooks> | undefined
  /** A config file over the user's and the directory's, like `byok serve -c`. */
  configFile?: string | undefined
  /** Whether `~/.byok/config.yaml` and `./byok.config.yaml` are read. Default true. */
  configFiles?: boolean | undefined
  /** What the command line gave: over every file and the environment, under the other options. */
  flags?: ConfigInput | undefined
  /**
   * The folder of `byok.config.yaml`, and of plugins given by a relative path. One that a config file names may also be relative
   * to that file. Default: the current one.
   */
  cwd?: string | undefined
  /** Default: `process.env`. */
  env?: Record<string, string | undefined> | undefined
  /** Where logins are kept. Default: the SQLite file that `db` names. */
  store?: TokenStore | undefined
  /**
   * Given where several processes serve as one, as those of node:cluster: an unstorage driver that leads all of them to one
   * memory, for responses that are kept, conversations and administrators' sessions. Rests and budgets are then shared as well.
   * Config's `cache` counts more. Default: this process's memory.
   */
  shared?: Driver | undefined
  /** Default: standard error, as `log` says, from `warn` up. */
  logger?: Logger | undefined
  /**
   * What the config files are taken to say until the first reload, of a process that takes another's place: what they said when
   * that started, and what it has taken over since.
   * @internal
   */
  configTexts?: [started: Drafts, now?: Drafts] | undefined
  /** Whether a change of a config file takes effect by itself. Default false; `byok serve` does so. */
  watch?: boolean | undefined
}

/** A running byok. It listens nowhere by itself: give {@link Byok.app} or {@link Byok.fetch} to an adapter. */
export interface Byok extends AISDKProvider {
  readonly app: H3
  /**
   * Answers a request in process, as the global `fetch` would: an SDK that takes a `fetch` of its own can be given this one,
   * whatever host its base URL names. The path decides, as over HTTP. Servers give their requests to {@link Byok.app} instead,
   * which answers 499 to a client that is gone.
   *
   * @throws the signal's reason where that aborts before there is an answer.
   */
  fetch(input: Request | string | URL, init?: RequestInit): Promise<Response>
  /**
   * Asks a model, without HTTP in between; accounts, failover, hooks and usage are those of any request.
   *
   * ```ts
   * const answer = await byok.chat({ model: 'claude-sonnet-5-5', messages: [{ role: 'user', content: 'Hello' }] })
   * ```
   *
   * @throws {ChatError} what a client over HTTP would be answered with; the signal's reason where that aborted.
   */
  chat(request: ChatInput, options?: CallOptions): Promise<ChatAnswer>
  /**
   * {@link Byok.chat}, event by event. Asked when the first is awaited; the provider is stopped when no more are read.
   *
   * ```ts
   * for await (const event of byok.stream({ model, messages })) if (event.type === 'text') process.stdout.write(event.text)
   * ```
   *
   * @throws {ChatError} from the iteration, as {@link Byok.chat}.
   */
  stream(request: ChatInput, options?: CallOptions): AsyncGenerator<ChatEvent, void, undefined>
  /** Whether a path is one of byok's own, for a host that shares its root with it. */
  serves(path: string): boolean
  /** Handlers may be added at any time: timed and bounded as those of plugins, under the name `this program`. */
  readonly hooks: Hooks
  /** What the hooks of each plugin, and of this program, took so far. */
  readonly hookTimes: HookTimes[]
  readonly registry: Registry
  /** As it is now: {@link Byok.reload} puts another in its place. */
  readonly config: Config
  readonly store: TokenStore
  /** Logins: making them, listing them, keeping their tokens fresh. */
  readonly auth: Auth
  readonly logger: Logger
  /** The lists of models that providers give themselves. `GET /v1/models` brings them up to date. */
  readonly modelLists: ModelLists
  /** Which account serves which request, and who rests. */
  readonly routing: Router
  /** Who may ask: the keys of config and those that `byok key create` made. */
  readonly clients: ClientKeys
  /** Records of requests; `undefined` where the store was given, so that there is no folder to keep them in. */
  readonly usage: UsageDatabase | undefined
  /** What was found in config that is no error but worth saying. */
  readonly warnings: string[]
  /** @internal For {@link ByokOptions.configTexts}. */
  readonly configTexts: [started: Drafts, now?: Drafts]
  /** @internal For {@link ReloadOptions.configTexts}, in the hook `config`. */
  readonly comingConfigTexts: Drafts
  /** Where each setting came from, by its path such as `providers.claude.api_key`. */
  readonly sources: ReadonlyMap<string, string>
  /**
   * Reads every layer of the config again and takes it over, without touching requests under way. What it found is logged;
   * settings that byok is started from, such as `port`, stay as they were and are named in `restart` of the answer.
   *
   * @throws {ConfigError} and leaves the last good config in place.
   */
  reload(options?: ReloadOptions): Promise<Reloaded>
  /** Stops answering and releases connections and files. What is still under way ends with an error, `shutting_down`. */
  close(): Promise<void>
  /** {@link Byok.close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>
}
