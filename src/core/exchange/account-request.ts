import type { Stop } from '../async/abort.ts'
import { baseUrlSetting } from '../auth/credential.ts'
import type { Credential } from '../auth/credential.ts'
import type { ChatError, ChatRequest } from '../chat/index.ts'
import { hasHook, runHook } from '../hooks.ts'
import type { RequestInfo } from '../hooks.ts'
import { infoOf } from '../models/merge.ts'
import { shutdownNote } from '../models/shutdown.ts'
import { isObject } from '../json/json.ts'
import { isAnswer, noAnswer, ownerOf, PluginFault, pluginFault } from '../plugin/fault.ts'
import type { Executor, ExecutorContext } from '../plugin/plugin.ts'
import { fingerprintOf } from '../routing/account.ts'
import type { Pick } from '../routing/selection.ts'
import type { Secret } from '../secrets/secret.ts'
import { secretsIn } from '../secrets/secret-headers.ts'
import { errorOfResponse, refuseForeignAnswer, requestIdOf } from '../upstream/error.ts'
import type { UpstreamFetch, UpstreamResponse } from '../upstream/fetch.ts'
import { placeOf } from '../upstream/place.ts'
import type { Translator } from '../translator/translator.ts'
import type { Answered } from './answered.ts'
import { AttemptContext } from './attempt-context.ts'
import { cleanName } from '../text/clean-name.ts'
import type { ExchangeContext } from './exchange.ts'
import type { LinkedAbort } from './linked-abort.ts'
import type { Reporter } from './settle.ts'
import { ofTranslator } from '../translator/of-translator.ts'
import { stoppable } from './stoppable.ts'
import { askingUsage } from './stream/unasked-usage.ts'
import { orAborted } from '../async/waiting.ts'

type Body = Record<string, unknown>

/** What is known of the request so far is of this attempt alone. */
export function noteAttempt(info: RequestInfo, { account }: Pick): void {
  info.attempts = (info.attempts ?? 0) + 1
  info.provider = account.provider.name
  info.upstreamModel = account.model
  info.account = account.credential.account
  info.upstreamProtocol = undefined
  info.upstreamOrigin = undefined
  info.upstreamRequestId = undefined
  info.answer = undefined
  info.usage = undefined
  info.passthrough = undefined
}

/** The account's credential, with a token that is still good. @param stop what ends the attempt: a renewal goes on, for others */
export function freshCredential(
  context: ExchangeContext,
  info: RequestInfo,
  pick: Pick,
  stop: Stop,
): Credential | Promise<Credential> {
  const { provider, credential } = pick.account
  const fresh = context.tokens.fresh(provider, credential)
  return fresh instanceof Promise
    ? orAborted(fresh, [stop]).then((renewed) => shownCredential(context, info, pick, renewed))
    : shownCredential(context, info, pick, fresh)
}

function shownCredential(
  { router, hooks }: ExchangeContext,
  info: RequestInfo,
  { account }: Pick,
  credential: Credential,
): Credential | Promise<Credential> {
  if (credential !== account.credential) {
    router.circuits.renewed(account, fingerprintOf(account.provider, credential))
  }
  const hooked = runHook(hooks, 'credential', { info, credential })
  return hooked ? hooked.then(() => credential) : credential
}

/**
 * What the account's provider speaks to this request.
 * @throws {PluginFault}
 */
export function translatorOf(
  { account: { provider, model } }: Pick,
  credential: Credential,
  protocol?: string,
  chat?: ChatRequest,
): Translator {
  const { plugin, config } = provider
  const { translator } = plugin
  if (typeof translator !== 'function') return translator
  const info = infoOf(provider, model)
  const picked: unknown = ofTranslator(provider.name, () =>
    translator.call(plugin, { model, info, credential, config, protocol, chat }),
  )
  if (isTranslator(picked)) return picked
  throw new PluginFault('translator', ownerOf(provider.name), undefined, 'picked none')
}

/** Whether it is one as far as `definePlugin` looks at those that are given. */
function isTranslator(picked: unknown): picked is Translator {
  return isObject(picked) && typeof picked['request'] === 'function' && typeof picked['events'] === 'function'
}

/** What has a plugin send the requests of one attempt. */
export function senderOf(
  context: ExchangeContext,
  { info, headers }: { info: RequestInfo; headers: Headers },
  pick: Pick,
  translator: Translator,
  abort: LinkedAbort,
): (executor: Executor, credential: Credential, request: ExecutorContext['request']) => Promise<UpstreamResponse> {
  const { provider } = pick.account
  const fetch = fetchOf(context, info, pick, translator, abort)
  const { name, config } = provider
  return (executor, credential, request) => {
    const known = { provider: name, request, credential, config, clientHeaders: headers, fetch, requestId: info.id }
    return execute(executor, new AttemptContext(known, abort), abort)
  }
}

/** @param stop what ends the attempt, for an executor that does not look at its signal too: what is thrown then is no fault. */
async function execute(executor: Executor, context: ExecutorContext, stop: LinkedAbort): Promise<UpstreamResponse> {
  try {
    const response = await stop.orAborted(executor(context))
    if (!isAnswer(response)) throw noAnswer('executor', ownerOf(context.provider))
    return stoppable(response, stop)
  } catch (error) {
    throw stop.aborted ? error : pluginFault(error, 'executor', ownerOf(context.provider))
  }
}

/** An answer of the account's, and what it is reported to and bounded by. */
export function answeredBy(
  { hooks, logger, streams, config }: ExchangeContext,
  { account, end }: Pick,
  abort: LinkedAbort,
  answer: Omit<Answered, keyof Reporter | 'provider' | 'maxAnswerBytes' | 'onBegun' | 'client' | 'abort'>,
): Answered {
  // Field by field: to spread one object so large into another costs more than a small answer does.
  return {
    response: answer.response,
    translator: answer.translator,
    info: answer.info,
    chat: answer.chat,
    stream: answer.stream,
    includeUsage: answer.includeUsage,
    unaskedUsage: answer.unaskedUsage,
    estimateInput: answer.estimateInput,
    onId: answer.onId,
    provider: account.provider.title,
    maxAnswerBytes: config.upstream.max_answer_bytes,
    hooks,
    logger,
    streams,
    onSettle: (_outcome, error) => {
      abort.unlink()
      end(error)
    },
    onBegun: () => abort.begun(),
    client: abort.client,
    abort: (reason) => abort.abort(reason),
  }
}

/** The account's way out. */
export function fetchOf(
  { hooks, upstream, quotas }: ExchangeContext,
  info: RequestInfo,
  { account, last, resting, alone }: Pick,
  translator: Translator,
  signal: Stop,
): UpstreamFetch {
  const { provider, proxy } = account
  return upstream.fetchFor({
    signal,
    provider: provider.title,
    headers: provider.config.headers,
    proxy,
    // Another account is a better second try than the same one; and one that rests is asked once, if at all.
    retries: last && !resting ? undefined : 0,
    retryLimits: alone,
    // What cannot be read here fails where the refusal itself is read.
    waitOf: (refusal) =>
      refusalOf(refusal, account, account.credential, translator).then(
        ({ retryAfter }) => retryAfter,
        () => undefined,
      ),
    onRequest: (url, init) => {
      info.upstreamOrigin = placeOf(url)?.origin
      return runHook(hooks, 'upstreamRequest', { info, url, init })
    },
    onResponse: (answer) => {
      const id = requestIdOf(answer)
      if (id !== undefined) info.upstreamRequestId = cleanName(id)
      quotas.note(info, answer)
      // Headers are made only where somebody looks at them.
      if (!hasHook(hooks, 'upstreamResponse')) return undefined
      return runHook(hooks, 'upstreamResponse', { info, status: answer.status, headers: answer.headers })
    },
  })
}

/**
 * Sends a request; where the provider refuses a login's token, by whatever status it says so, once more with a new one.
 *
 * @param stop what ends the attempt
 * @param send resolves with the provider's answer where that is an error; else with whatever it likes.
 * @throws {ChatError} what a provider's refusal says.
 */
export async function sendFresh<Answer>(
  { tokens, router }: ExchangeContext,
  { account }: Pick,
  stop: Stop,
  { credential, translator }: { credential: Credential; translator: Translator },
  send: (credential: Credential) => Promise<Answer>,
): Promise<Answer> {
  const answer = await send(credential)
  if (!isRefusal(answer)) return answer
  const refusal = await refusalOf(answer, account, credential, translator)
  const renewed = refusal.status === 401 && (await orAborted(tokens.rejected(account.provider, credential), [stop]))
  if (!renewed) throw refusal
  router.circuits.renewed(account, fingerprintOf(account.provider, renewed))
  const again = await send(renewed)
  if (isRefusal(again)) throw await refusalOf(again, account, renewed, translator)
  return again
}

/**
 * {@link sendFresh} of a body, whose answer then is one of an API: `asked`, where there is one, asks for usage besides, for byok's own
 * sake.
 *
 * @param execute sends a body
 */
export function sendBody(
  context: ExchangeContext,
  pick: Pick,
  stop: Stop,
  {
    credential,
    translator,
    body,
    asked,
  }: { credential: Credential; translator: Translator; body: Body; asked?: Body | undefined },
  execute: (credential: Credential, body: Body) => Promise<UpstreamResponse>,
): Promise<UpstreamResponse> {
  const { provider } = pick.account
  const { name, title, config } = provider
  const sent = sendFresh(context, pick, stop, { credential, translator }, (fresh) =>
    asked ? askingUsage(provider, { asked, plain: body }, (each) => execute(fresh, each)) : execute(fresh, body),
  )
  return sent.then((response) => {
    refuseForeignAnswer(response, title, () => baseUrlSetting(name, credential, config))
    return response
  })
}

function isRefusal(answer: unknown): answer is UpstreamResponse {
  return typeof answer === 'object' && answer !== null && 'ok' in answer && answer.ok === false
}

function refusalOf(
  response: UpstreamResponse,
  { provider, model }: Pick['account'],
  credential: Credential,
  translator: Translator,
): Promise<ChatError> {
  const { name, title, config } = provider
  const known = infoOf(provider, model)
  return errorOfResponse(response, {
    provider: name,
    title,
    translator,
    secrets: [...secretsOf(credential), ...secretsIn(config.headers)],
    missing: known && shutdownNote(known),
    setting: baseUrlSetting(name, credential, config),
  })
}

function secretsOf(credential: Credential): Secret[] {
  if (credential.kind === 'api_key') return [credential.key]
  return credential.refreshToken ? [credential.accessToken, credential.refreshToken] : [credential.accessToken]
}
