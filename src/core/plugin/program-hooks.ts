import { Hookable } from 'hookable'
import type { HookCallback } from 'hookable'
import type { HookWatch } from './hook-watch.ts'
import type { ByokHooks, Hooks } from '../hooks.ts'

type Name = keyof ByokHooks

/** Whose a handler is that no plugin brought. */
const OWNER = 'this program'

/**
 * `byok.hooks`: byok's own hooks, as a program sees them. What it adds is watched as a plugin's handlers are; byok adds its own
 * handlers to the hooks themselves.
 */
export class ProgramHooks extends Hookable<ByokHooks> {
  readonly #hooks: Hooks
  readonly #watch: HookWatch
  /** By the handler as it was given, which is what it is taken off by. */
  readonly #watched = new WeakMap<HookCallback, Map<Name, HookCallback>>()

  constructor(hooks: Hooks, watch: HookWatch) {
    super()
    this.#hooks = hooks
    this.#watch = watch
    // All but adding is the hooks' own.
    this.callHookWith = hooks.callHookWith.bind(hooks)
    this.clearHook = hooks.clearHook.bind(hooks)
    this.removeAllHooks = hooks.removeAllHooks.bind(hooks)
    this.beforeEach = hooks.beforeEach.bind(hooks)
    this.afterEach = hooks.afterEach.bind(hooks)
  }

  override hook(name: Name, handler: HookCallback): () => void {
    // As hookable has it, for programs without types.
    if (typeof handler !== 'function') return () => {}
    return this.#hooks.hook(name, this.#watchedOf(name, handler))
  }

  override removeHook(name: Name, handler: HookCallback): void {
    this.#hooks.removeHook(name, this.#watchedOf(name, handler))
  }

  /** One for each handler and hook, so that one that was added twice is there twice under one name. */
  #watchedOf(name: Name, handler: HookCallback): HookCallback {
    const known = this.#watched.get(handler) ?? new Map<Name, HookCallback>()
    this.#watched.set(handler, known)
    let watched = known.get(name)
    if (!watched) known.set(name, (watched = this.#watch.watched(name, handler, OWNER)))
    return watched
  }
}
