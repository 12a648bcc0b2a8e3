import type { Credential } from '../auth/credential.ts'
import { noCredential } from '../auth/credentials.ts'
import type { Config } from '../config/schema.ts'
import { reasonOf } from '../log/fault.ts'
import type { Logger } from '../log/log.ts'
import type { Plugin } from '../plugin/plugin.ts'
import type { Provider, Route } from '../registry.ts'
import type { TokenStore } from '../store/index.ts'
import { homeOf } from './account.ts'
import type { Account } from './account.ts'
import type { AccountList } from './account-list.ts'
import { AccountLists } from './account-lists.ts'
import type { CircuitStore } from './circuit-store.ts'
import { Circuits, isResting } from './circuits.ts'
import type { Circuit } from './circuits.ts'
import { answerKey, conversationOf } from './conversation.ts'
import type { Conversations } from './conversations.ts'
import { Selection } from './selection.ts'
import { builtinStrategies, strategyOf } from './strategy.ts'
import type { Strategy } from './strategy.ts'

export interface RouterOptions {
  store: TokenStore
  logger: Logger
  /** Where it is kept who rests. */
  circuitStore: CircuitStore
  conversations: Conversations
  /** Those that bring strategies of their own. */
  plugins: readonly Plugin[]
}

/** What a request is routed by. */
export interface RouteRequest {
  /** Who may serve it, best first. */
  routes: [Route, ...Route[]]
  /** The model as the client named it. */
  model: string
  body: Record<string, unknown>
  settings: Config['routing']
}

/** Which account serves which request, and what is remembered between requests for that. */
export class Router {
  readonly circuits: Circuits
  readonly lists: AccountLists
  readonly #store: TokenStore
  readonly #circuitStore: CircuitStore
  readonly #strategies: Map<string, Strategy>
  /** By conversation and the model that the client names: {@link homeOf} the account. */
  readonly #sticky: Conversations
  readonly #inFlight = new Map<string, number>()

  constructor({ store, logger, circuitStore, conversations, plugins }: RouterOptions) {
    this.#store = store
    this.#circuitStore = circuitStore
    this.#sticky = conversations
    this.#strategies = builtinStrategies()
    this.lists = new AccountLists(store, (fault) => {
      logger.error('the logins cannot be read; byok goes on with those it knows', { fault: reasonOf(fault) })
    })
    for (const { name, strategies = {} } of plugins) {
      for (const [strategy, order] of Object.entries(strategies)) {
        this.#strategies.set(strategy, strategyOf(order, { strategy, plugin: name }))
      }
    }
    this.circuits = new Circuits(Date.now, (key, circuit) => circuitStore.write(key, circuit))
  }

  /** Takes up what was kept of an earlier run, and from then on what other processes find out. */
  async restore(): Promise<void> {
    this.circuits.merge({ circuits: await this.#circuitStore.read() })
    this.#circuitStore.watch((changes) => this.circuits.merge(changes))
  }

  /** Those that rest now, for people. */
  get resting(): Circuit[] {
    const now = Date.now()
    return this.circuits.all.filter((circuit) => isResting(circuit, now))
  }

  /** How many requests an account is serving now. */
  inFlight({ id }: Pick<Account, 'id'>): number {
    return this.#inFlight.get(id) ?? 0
  }

  /** Ends every rest of an account, which people know by its name. */
  async wake(provider: Provider, { kind, account: name }: Pick<Credential, 'kind' | 'account'>): Promise<void> {
    const { all } = await this.lists.for([{ provider, model: '' }])
    for (const account of all) {
      if (account.credential.kind === kind && account.credential.account === name) this.circuits.wake(account)
    }
  }

  /**
   * The accounts of a request, to be tried one after the other. As they are, where nothing has to be looked up.
   * @throws {ChatError} 401 where there is none at all.
   */
  select(request: RouteRequest): Selection | Promise<Selection> {
    const accounts = this.lists.for(request.routes)
    // Where there is one account, there is nothing to remember.
    if (!(accounts instanceof Promise) && accounts.all.length === 1) return this.#selection(request, accounts)
    return this.#selectLookingUp(request, accounts)
  }

  async #selectLookingUp(request: RouteRequest, reading: AccountList | Promise<AccountList>): Promise<Selection> {
    const accounts = await reading
    if (accounts.all.length === 0) throw await noCredential(vendorFirst(request.routes), this.#store)
    const { model, body, settings } = request
    const conversation = settings.sticky && accounts.all.length > 1 ? conversationOf(body) : undefined
    if (!conversation) return this.#selection(request, accounts)
    const { key, held, continued } = conversation
    const stickyKey = key === undefined ? undefined : keyOf(model, key)
    const preferred = stickyKey !== undefined && continued ? await this.#sticky.get(stickyKey) : undefined
    return this.#selection(request, accounts, { stickyKey, preferred, held })
  }

  #selection(
    { model, settings }: RouteRequest,
    accounts: AccountList,
    { stickyKey, preferred, held = false }: { stickyKey?: string; preferred?: string; held?: boolean } = {},
  ): Selection {
    return new Selection({
      accounts,
      model,
      settings,
      preferred,
      held,
      strategy: this.#strategies.get(settings.strategy),
      circuits: this.circuits,
      inFlight: (account) => this.inFlight(account),
      enter: (account) => void this.#inFlight.set(account.id, this.inFlight(account) + 1),
      leave: (account) => this.#leave(account),
      serve: (account) => {
        if (stickyKey !== undefined) this.#sticky.set(stickyKey, homeOf(account))
      },
    })
  }

  /** Notes which account gave an answer, for requests that name it. */
  remember(model: string, answerId: string, account: Account): void {
    this.#sticky.set(keyOf(model, answerKey(answerId)), homeOf(account))
  }

  async close(): Promise<void> {
    await this.#circuitStore.close()
  }

  #leave(account: Account): void {
    const left = this.inFlight(account) - 1
    if (left > 0) this.#inFlight.set(account.id, left)
    else this.#inFlight.delete(account.id)
  }
}

/** Each provider once. Vendors call their models by their own names, as Gemini does; whoever passes on others' does not. */
function vendorFirst([first, ...more]: readonly [Route, ...Route[]]): [Provider, ...Provider[]] {
  const vendor = [first, ...more].find(({ provider, model }) => model.startsWith(provider.name)) ?? first
  const others = [first, ...more].map(({ provider }) => provider).filter((provider) => provider !== vendor.provider)
  return [vendor.provider, ...new Set(others)]
}

function keyOf(model: string, conversation: string): string {
  return `${conversation} ${model}`
}
