import type { Stop } from '../async/abort.ts'
import type { TokenManager } from '../auth/token-manager.ts'
import { invalidRequest } from '../chat/index.ts'
import type { Cache } from '../cache/cache.ts'
import type { AdminSessions } from '../clients/admin-sessions.ts'
import type { ClientKeys } from '../clients/client-keys.ts'
import { guardModelsWithin } from '../clients/scope.ts'
import type { Config } from '../config/schema.ts'
import { runHook } from '../hooks.ts'
import type { RequestInfo } from '../hooks.ts'
import type { ModelLists } from '../models/index.ts'
import type { Metrics } from '../observe/metrics.ts'
import type { Protocol } from '../protocols/protocol.ts'
import type { Registry, Route } from '../registry.ts'
import type { Quotas } from '../routing/quotas.ts'
import type { Router } from '../routing/router.ts'
import type { Pick as AccountPick } from '../routing/selection.ts'
import type { TokenStore } from '../store/index.ts'
import type { Upstream } from '../upstream/client.ts'
import type { Budgets } from '../usage/budgets.ts'
import { answer } from './answer.ts'
import type { Wanted } from './answer.ts'
import type { Answered } from './answered.ts'
import { attempt } from './attempt.ts'
import { failover } from './failover.ts'
import type { LinkedAbort } from './linked-abort.ts'
import { Question } from './question.ts'
import { routesNow } from './routes-now.ts'
import type { Reporter } from './settle.ts'
import type { Closing } from './shutting-down.ts'

/** What every exchange shares. One object for as long as byok runs: a new config takes the place of the old one in it. */
export interface ExchangeContext extends Reporter {
  config: Config
  registry: Registry
  store: TokenStore
  /** Keeps the tokens of logins fresh. */
  tokens: TokenManager
  upstream: Upstream
  /** Which account serves which request. */
  router: Router
  /** What providers say of accounts' limits. */
  quotas: Quotas
  /** Who may ask. */
  clients: ClientKeys
  /** Browsers on this machine that may administer byok. */
  sessions: AdminSessions
  /** What clients may use. */
  budgets: Budgets
  modelLists?: ModelLists
  /** Figures for Prometheus, where config wants them. */
  metrics?: Metrics | undefined
  /** What is remembered between requests. */
  cache: Cache
  closing: Closing
}

/** One client request. */
export interface ExchangeInput {
  /** What the client speaks: so much of it as is needed until there is an answer. */
  protocol: Pick<Protocol, 'name' | 'decode' | 'unaskedUsage'>
  body: Record<string, unknown>
  headers: Headers
  /** Aborts when the client goes away. */
  signal: Stop
  info: RequestInfo
}

/** What a request asks for, and who may serve it. */
export interface Begun {
  model: string
  routes: [Route, ...Route[]]
}

/**
 * Carries one client request to a provider and its answer back: to one account after the other, until one answers. `begun` is what
 * {@link begin} made of it, where somebody had to know first whether anybody may serve it.
 *
 * @throws {ChatError} for everything that goes wrong before the first byte of the answer.
 */
export function exchange(
  context: ExchangeContext,
  input: ExchangeInput & Pick<Wanted, 'protocol' | 'toNode'> & { begun?: Begun },
): Promise<Response> {
  const { protocol, toNode } = input
  const { keep_alive: keepAlive } = context.config.server
  return exchangeFor(context, input, (answered) => answer(answered, { protocol, keepAlive, toNode }))
}

/**
 * {@link exchange} for a client that wants something else than a `Response`.
 *
 * @param reply Makes it of the provider's answer; what it throws lets the next account try.
 */
export function exchangeFor<Reply>(
  context: ExchangeContext,
  input: ExchangeInput & { begun?: Begun },
  reply: (answered: Answered) => Promise<Reply>,
): Promise<Reply> {
  const question = new Question(input, context.hooks)
  return askInTurn(context, input, (pick, abort) => attempt(context, input, question, pick, abort, reply))
}

/**
 * Begins a request, unless somebody has, lets it in, and asks one account of its routes after the other, until one answers. One that is
 * `free` asks nothing of a model.
 * @throws {ChatError} as {@link begin}; 429 where the client has too much under way, or its budget is used up; 503 where byok closes;
 * and what the last account said.
 */
export async function askInTurn<Reply>(
  context: ExchangeContext,
  input: Pick<ExchangeInput, 'info' | 'headers' | 'body' | 'signal'> & { begun?: Begun; free?: boolean | undefined },
  ask: (pick: AccountPick, abort: LinkedAbort) => Promise<Reply>,
): Promise<Reply> {
  const { closing } = context
  const { info, body, signal } = input
  const beginning = input.begun ?? begin(context, input)
  const { model, routes } = beginning instanceof Promise ? await beginning : beginning
  // Where nobody is asked, since all rest or a budget is used up, records are still of the model that it is about.
  const [{ model: upstreamModel }] = routes
  if (routes.every((route) => route.model === upstreamModel)) info.upstreamModel = upstreamModel
  if (closing.reason) throw closing.reason
  // A request that goes on under a config that is gone keeps to it.
  const { routing: settings, server } = context.config
  context.streams.enter(info, server.max_streams)
  context.budgets.admit(context.clients.keyOf(info), input.free)
  info.attempts = 0
  const selecting = context.router.select({ routes, model, body, settings })
  const selection = selecting instanceof Promise ? await selecting : selecting
  const { max_attempts: maxAttempts, timeout } = settings
  return await failover(selection, { maxAttempts, timeout, signal, closing }, ask)
}

/**
 * Begins a request: shows it to the plugins, and finds who may serve its model.
 *
 * @returns what is there at once as it is, here and in all that a request goes through: each wait costs a microsecond, and a kilobyte that
 * outlives it.
 * @throws {ChatError} 400, 403 or 404.
 */
export function begin(
  context: ExchangeContext,
  { info, headers, body }: Pick<ExchangeInput, 'info' | 'headers' | 'body'>,
): Begun | Promise<Begun> {
  const hooked = runHook(context.hooks, 'request', { info, headers, body })
  return hooked ? hooked.then(() => begunOf(context, info, body)) : begunOf(context, info, body)
}

function begunOf(context: ExchangeContext, info: RequestInfo, body: ExchangeInput['body']): Begun | Promise<Begun> {
  const { model } = body
  if (typeof model !== 'string' || model === '') {
    throw invalidRequest('You must provide a `model`, as text. GET /v1/models lists what there is.', 'model')
  }
  info.model = model
  const begun = (routes: Begun['routes']): Begun => {
    guardModelsWithin(context.clients, info, body, routes)
    return { model, routes }
  }
  const routes = routesNow(context, info, model)
  return routes instanceof Promise ? routes.then(begun) : begun(routes)
}
