import type { HookCallback, Hookable } from 'hookable'
import { ChatError } from './chat/index.ts'
import type { Config } from './config/schema.ts'
import type { ChatEvent, ChatRequest, Usage } from './chat/index.ts'
import type { Credential } from './auth/credential.ts'
import type { Plugin } from './plugin/plugin.ts'
import type { UpstreamRequestInit } from './upstream/fetch.ts'

/** What is known of a request so far; the same object is handed to each of its hooks. */
export interface RequestInfo {
  /** Its id, sent to the client as `x-request-id`: the one the client sent under that name, else one of byok's. */
  id: string
  /** Unix milliseconds. */
  startedAt: number
  method: string
  path: string
  /** `http` or `https`, for what came by HTTP. */
  scheme?: string | undefined
  /** The route that it is for, such as `/v1beta/models/**`. */
  route?: string | undefined
  /** The protocol the client speaks, such as `openai-chat`. */
  protocol?: string | undefined
  /** The model as the client named it. */
  model?: string | undefined
  provider?: string | undefined
  upstreamModel?: string | undefined
  /** The wire format the provider is asked in, such as `gemini`. */
  upstreamProtocol?: string | undefined
  /** Where it was asked: scheme, host and port. */
  upstreamOrigin?: string | undefined
  /** The credential's account and kind; never its secret. */
  account?: string | undefined
  /** How many accounts were asked so far. */
  attempts?: number | undefined
  /** The label of the key that the client sent. */
  client?: string | undefined
  stream?: boolean | undefined
  /** Whether bytes pass through untranslated. */
  passthrough?: boolean | undefined
  /** Unix milliseconds of the answer's first byte sent to the client. */
  firstByteAt?: number | undefined
  /** Bytes of a streamed answer sent so far, where the page at `/ui` was opened before it began. */
  sentBytes?: number | undefined
  status?: number | undefined
  usage?: Usage | undefined
  upstreamRequestId?: string | undefined
  /** What the provider says of its answer: its id, the model that gave it, and why each choice ended, in the provider's words. */
  answer?: { id?: string | undefined; model?: string | undefined; finish?: string[] } | undefined
  /** How it ended: `ok`, `error`, or `aborted` where the client went away or byok was stopped. */
  outcome?: 'ok' | 'error' | 'aborted' | undefined
  /** The error's code or type; never its text. */
  error?: string | undefined
}

/**
 * Every hook: those of a start, those of a request in the order it meets them, those of an end. Handlers run in the order they were
 * added (the options of `createByok` first, then plugins as they were registered, then those of `byok.hooks`) and are awaited, each for 30 s at the most; they may
 * change what they are given, which another object in its place does not. One that throws a {@link ChatError} answers the client with it; anything else thrown is a 500 that names
 * whose it is. Of the hooks that only look on (`error`, `usage`, `response`, `login`, `stop`, `close`) what is thrown is logged, and
 * nobody notices.
 */
export interface ByokHooks {
  /**
   * Config is read and valid; nothing has started. Again for each config that is to take the place of one in use: what is thrown
   * then leaves that one in place.
   */
  config: (config: Config) => void | Promise<void>
  /** A plugin is about to be registered. */
  plugin: (plugin: Plugin) => void | Promise<void>
  /** A client's request arrived. `body` is its parsed JSON. */
  request: (
    context: Readonly<{ info: RequestInfo; headers: Headers; body: Record<string, unknown> }>,
  ) => void | Promise<void>
  /** The credential is chosen. */
  credential: (context: Readonly<{ info: RequestInfo; credential: Credential }>) => void | Promise<void>
  /** The neutral request, before the provider sees it. A handler here turns the fast path off. */
  chat: (context: Readonly<{ info: RequestInfo; chat: ChatRequest }>) => void | Promise<void>
  /** About to leave for the provider. */
  upstreamRequest: (
    context: Readonly<{ info: RequestInfo; url: string; init: UpstreamRequestInit }>,
  ) => void | Promise<void>
  /** The provider's status and headers are here. */
  upstreamResponse: (context: Readonly<{ info: RequestInfo; status: number; headers: Headers }>) => void | Promise<void>
  /** One event of the answer, in order; synchronous, for it stands in the stream. A handler turns the fast path off. */
  event: (context: Readonly<{ info: RequestInfo; event: ChatEvent }>) => undefined | void
  /** A request failed with this error, before or within its stream. */
  error: (context: Readonly<{ info: RequestInfo; error: ChatError }>) => void | Promise<void>
  /** A request is over that used tokens. What is changed here is what byok records. */
  usage: (context: Readonly<{ info: RequestInfo; usage: Usage }>) => void | Promise<void>
  /** A request is over, however it ended. */
  response: (context: Readonly<{ info: RequestInfo }>) => void | Promise<void>
  /** A login was made, its tokens were renewed, or it no longer works. */
  login: (context: LoginChange) => void | Promise<void>
  /**
   * The server that byok listens on takes no more requests: what would go on for ever is to end. Others end by themselves, and are
   * cut after `timeout` milliseconds.
   */
  stop: (context: Stopping) => void | Promise<void>
  /** byok is closing. */
  close: () => void | Promise<void>
}

export interface Stopping {
  /** Milliseconds for which what is under way may go on. */
  timeout: number
  /** Has the server wait for work that is no request, for as long as that takes: `timeout` is for who does it to keep. */
  waitUntil(work: Promise<unknown>): void
}

/** What became of a login; never its tokens. */
export interface LoginChange {
  provider: string
  account: string
  /** `lost`: only a new login helps. */
  change: 'made' | 'renewed' | 'lost'
}

export type Hooks = Hookable<ByokHooks>

/** Whether a hook's handlers may change or stop what happens, or only look on. */
const KINDS: Record<keyof ByokHooks, 'changes' | 'looks on'> = {
  config: 'changes',
  plugin: 'changes',
  request: 'changes',
  credential: 'changes',
  chat: 'changes',
  upstreamRequest: 'changes',
  upstreamResponse: 'changes',
  event: 'changes',
  error: 'looks on',
  usage: 'looks on',
  response: 'looks on',
  login: 'looks on',
  stop: 'looks on',
  close: 'looks on',
}

/** The names of {@link ByokHooks}. */
export const HOOK_NAMES: readonly string[] = Object.keys(KINDS)

/** Whether what a hook's handler throws is logged, and the others are still called. */
export function looksOn(name: keyof ByokHooks): boolean {
  return KINDS[name] === 'looks on'
}

/** Whether anyone listens to a hook. */
export function hasHook(hooks: Hooks, name: keyof ByokHooks): boolean {
  return hooks.callHookWith((handlers) => handlers.length > 0, name, [] as never)
}

/**
 * Runs a hook's handlers in order.
 * @returns `undefined` where they are done: on a request's way that is not waited for. Rejects with the {@link ChatError} that a handler
 * threw, or a {@link HookError}.
 */
export function runHook<Name extends Exclude<keyof ByokHooks, 'event'>>(
  hooks: Hooks,
  name: Name,
  ...args: Parameters<ByokHooks[Name]>
): Promise<void> | undefined {
  try {
    const work: Promise<void> | undefined = hooks.callHookWith(inOrder, name, args as never)
    return work?.catch((error: unknown) => failedHook(name, error))
  } catch (error) {
    return failedHook(name, error)
  }
}

function failedHook(name: keyof ByokHooks, error: unknown): Promise<never> {
  return Promise.reject(hookFailure(name, error))
}

/**
 * hookable's own way makes a chain of promises of the handlers, which costs as much as a short one of them does. Most are done at once,
 * and to wait for nothing costs as much as they do.
 */
function inOrder(handlers: HookCallback[], args: unknown[], name: keyof ByokHooks): Promise<void> | undefined {
  try {
    for (const [index, handler] of handlers.entries()) {
      const result = handler(...args)
      if (result) return Promise.resolve(result).then(() => inOrder(handlers.slice(index + 1), args, name))
    }
    return undefined
  } catch (error) {
    // For those who look at each call (`afterEach`), which a throw would pass by.
    return failedHook(name, error)
  }
}

/** Runs the `event` hook, which is synchronous because it stands in the stream. */
export function runEventHook(hooks: Hooks, context: Parameters<ByokHooks['event']>[0]): void {
  try {
    hooks.callHookWith((handlers) => handlers.forEach((handler) => void handler(context)), 'event', [context])
  } catch (error) {
    throw hookFailure('event', error)
  }
}

/** A handler failed, and not on purpose. */
export class HookError extends ChatError {
  readonly hook: keyof ByokHooks
  /** Whose handler it is, such as `plugin "redact"`. */
  readonly owner: string
  /** What it made of what it was given, where that is its fault. */
  readonly left: string | undefined

  constructor(hook: keyof ByokHooks, owner: string, cause: unknown, left?: string) {
    const what = left === undefined ? "failed. byok's log has the details" : `left ${left}`
    super(`The \`${hook}\` hook of ${owner} ${what}.`, { status: 500, code: 'hook_failed', cause })
    this.hook = hook
    this.owner = owner
    this.left = left
  }
}

const thrown = new WeakSet<object>()

/** Whether an error came from a hook, and not from a provider: it ends the request, whoever else could be asked. */
export function isHookError(error: unknown): boolean {
  return typeof error === 'object' && error !== null && thrown.has(error)
}

function hookFailure(name: keyof ByokHooks, error: unknown): ChatError {
  // Those of plugins and programs have their names by now (`HookWatch`): what is left is byok's own.
  const failure = error instanceof ChatError ? error : new HookError(name, 'byok', error)
  thrown.add(failure)
  return failure
}
