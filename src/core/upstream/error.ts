import { ChatError, errorTypeOfStatus } from '../chat/index.ts'
import { codeOf, isError, reasonOf } from '../log/fault.ts'
import { isObject, parseJson, parseObject } from '../json/json.ts'
import type { Secret } from '../secrets/secret.ts'
import { headerOf } from './fetch.ts'
import { errorOfTranslator } from '../translator/of-translator.ts'
import type { UpstreamResponse } from './fetch.ts'
import { refusalText } from './refusal-text.ts'
import { resetOf, retryAfterOf, waitIn } from './retry-after.ts'
import { sseFrames } from '../frames/sse.ts'
import type { Translator } from '../translator/translator.ts'

const MAX_MESSAGE = 2000

/** What {@link errorOfResponse} is told of who answered. */
export interface ErrorContext {
  /** The provider's name, as in config. */
  provider: string
  /** What people call it. */
  title: string
  translator: Translator
  /** What the request was signed with; none of it may show in the error. */
  secrets: Secret[]
  /** What is known of why the model may not be there, for a 404. */
  missing?: string | undefined
  /** The setting that led there, where config has one, for an answer that is none of the provider's API. */
  setting?: string | undefined
}

/** The error that a provider's answer other than a success stands for: its status, words, code and request id. */
export async function errorOfResponse(response: UpstreamResponse, context: ErrorContext): Promise<ChatError> {
  const body = parse(await refusalText(response))
  const { status, headers } = response
  const { provider, title, translator, secrets, missing, setting } = context
  const info = errorOfTranslator(translator, [body, status, headers], provider)
  // A redirect or the like is no answer to a chat: the provider is at fault, not the client.
  const shown = info.status ?? (status >= 400 && status <= 599 ? status : 502)
  const said =
    redirectIn(status, headers, setting) ??
    info.message ??
    (typeof body !== 'string' ? '' : looksLikeHtml(body) ? pageIn(status, setting) : body.trim())
  const text = scrub(said === '' ? `answered with status ${status}.` : said, secrets).slice(0, MAX_MESSAGE)
  const misled = shown === 404 && setting !== undefined && NO_SUCH_PATH.test(text) ? `Check ${setting}.` : undefined
  const lacking = shown === 404 ? (misled ?? missing) : undefined
  const hint = lacking === undefined ? (HINTS[shown]?.(provider) ?? '') : ` ${lacking}`
  return new ChatError(`${title}: ${text}${hint && !/[.!?]$/.test(text) ? '.' : ''}${hint}`, {
    status: shown,
    type: info.type ?? errorTypeOfStatus(shown),
    code: info.code ?? null,
    param: info.param ?? null,
    provider,
    upstreamStatus: status,
    upstreamRequestId: info.upstreamRequestId ?? requestIdOf(response),
    retryAfter:
      info.retryAfter ?? retryAfterOf(headers) ?? (shown === 429 ? (resetOf(headers) ?? waitIn(said)) : undefined),
    ...(info.ofAnotherModel && { ofAnotherModel: true }),
    ...(info.details && { details: scrubObject(info.details, secrets) }),
  })
}

/**
 * What servers say of a path that they do not have, as where `/v1` is missing in an address or there twice, and of nothing else: Ollama
 * "404 page not found" (sigoden/aichat issue 1100), llama.cpp's server "File Not Found", OpenAI "Invalid URL (POST
 * /chat/completions)", vLLM, Anthropic and ChatGPT's backend no more than "Not Found".
 */
const NO_SUCH_PATH = /^(?:(?:404 )?(?:page |file )?not found|invalid url \(.*\)|answered with status 404)\.?$/i

/** A redirect in words, without what its address may hold of secrets. */
function redirectIn(status: number, headers: Headers, setting: string | undefined): string | undefined {
  const location = headers.get('location')
  if (status < 300 || status > 399 || location === null) return undefined
  const to = URL.canParse(location) ? new URL(location).host : location.split(/[?#]/, 1)[0]
  return `redirects to ${to} (status ${status}), which byok does not follow. ${whereToLook(setting)}`
}

/** Where the reason may be that something else answers. */
function whereToLook(setting: string | undefined): string {
  return setting === undefined ? `Check ${IN_ITS_PLACE}.` : `Check ${setting}.`
}

const IN_ITS_PLACE = 'whether a proxy or a sign-in page of the network answers in its place'

/**
 * A web page in words, where it says that there is no API, or that something before it lets nobody through, as Cloudflare before ChatGPT
 * (router-for-me/CLIProxyAPI issue 3626, caozhiyuan/copilot-api issue 278). Those of gateways that fail say nothing.
 */
function pageIn(status: number, setting: string | undefined): string {
  if (status === 403) {
    return 'answered with a web page (status 403): a firewall or the like before its API, such as Cloudflare, lets nobody through from here.'
  }
  if (status !== 404 && status !== 405) return ''
  return `answered with a web page (status ${status}). ${whereToLook(setting)}`
}

const HINTS: Partial<Record<number, (provider: string) => string>> = {
  401: (provider) => ` Check the key or login that byok uses for it: \`byok status\`, providers.${provider}.api_key.`,
}

const REQUEST_ID_HEADERS = ['request-id', 'x-request-id', 'x-amzn-requestid', 'x-oai-request-id']

/** The provider's own id of an answer, under whichever name it sends it. */
export function requestIdOf(answer: Pick<UpstreamResponse, 'headers' | 'header'>): string | undefined {
  for (const name of REQUEST_ID_HEADERS) {
    const id = headerOf(answer, name)
    if (id !== null && id !== '') return id
  }
  return undefined
}

/** A stream that ended before its answer was whole. */
export function streamCut(title: string): ChatError {
  return new ChatError(`${title} ended its answer before it was complete. Try again.`, {
    status: 502,
    code: 'upstream_stream_cut',
  })
}

/** A connection that broke, or fell silent, in the middle of an answer. */
export function streamFailure(error: unknown, title: string): ChatError {
  if (error instanceof ChatError) return error
  return codeBehind(error) === 'UND_ERR_BODY_TIMEOUT'
    ? timedOut(title, 'sent nothing more for longer than upstream.idle_timeout', error)
    : new ChatError(`The connection to ${title} broke in the middle of its answer. Try again.`, {
        status: 502,
        code: 'upstream_stream_cut',
        cause: error,
      })
}

/** An answer that is not in the provider's own format. `what` says what it was instead. */
export function badAnswer(title: string, what: string, cause?: unknown): ChatError {
  return new ChatError(`${title} sent an answer that byok cannot read: ${what}.`, {
    status: 502,
    code: 'upstream_bad_answer',
    cause,
  })
}

/**
 * Refuses a success that no chat API gives, whatever the format: a web page, nothing at all, or packed bytes.
 * @param settingOf the setting that led there, where config has one
 * @throws {ChatError} 502 that says where to look.
 */
export function refuseForeignAnswer(
  response: UpstreamResponse,
  title: string,
  settingOf: () => string | undefined,
): void {
  const type = headerOf(response, 'content-type') ?? ''
  // A transcript as text is a page by whisper.cpp's word (ggml-org/whisper.cpp examples/server/server.cpp, `text_format`).
  const isPage = /^text\/html\b/i.test(type) && headerOf(response, 'server') !== 'whisper.cpp'
  if (isPage) throw badAnswer(title, `a web page (text/html); ${check()}`)
  if (response.status === 204 || response.status === 205) {
    throw badAnswer(title, `nothing at all (status ${response.status}); ${check()}`)
  }
  // As it came over the wire: a runtime's own `fetch` unpacks, and leaves the header in place.
  const encoding = response.received?.['content-encoding']
  if (encoding !== undefined && encoding !== 'identity') {
    throw badAnswer(title, `it is packed (content-encoding: ${String(encoding)}), which byok did not ask for`)
  }

  function check(): string {
    const setting = settingOf()
    return setting === undefined ? `check ${IN_ITS_PLACE}` : `check ${setting}, and ${IN_ITS_PLACE}`
  }
}

/** The code of a request that never reached the provider, so that sending it again is safe. */
export const UNREACHABLE = 'upstream_unreachable'

/**
 * What undici throws of a request that is none: a header with a line break, a body that is neither text nor bytes. Keys and headers of
 * config are looked at when that is read, so that only plugins make one. Its words name the header at the most.
 */
const UNSENDABLE = 'UND_ERR_INVALID_ARG'

/** What undici's ProxyAgent throws, by a code that says nothing, where a proxy wants a password or opens no tunnel. */
const PROXY_REFUSED = /^Proxy response \((\d{3})\)/

/** A request that got no answer at all. */
export function connectionError(error: unknown, title: string): ChatError {
  if (error instanceof ChatError) return error
  const code = codeBehind(error)
  if (code === 'UND_ERR_CONNECT_TIMEOUT') {
    return new ChatError(
      `${title} could not be reached within upstream.connect_timeout. Check the network and proxy settings.`,
      {
        status: 504,
        code: UNREACHABLE,
        cause: error,
      },
    )
  }
  if (code === 'UND_ERR_HEADERS_TIMEOUT')
    return timedOut(title, 'did not answer within upstream.response_timeout', error)
  if (code === UNSENDABLE) {
    return new ChatError(
      `The request to ${title} cannot be sent: ${reasonOf(error)}. Its executor, or an \`upstreamRequest\` hook, made it so.`,
      { status: 500, code: 'unsendable_request', cause: error },
    )
  }
  const refused = PROXY_REFUSED.exec(isError(error) ? error.message : '')?.[1]
  const why = refused ? `: its proxy answered with status ${refused}` : code === undefined ? '' : ` (${code})`
  return new ChatError(
    `${title} cannot be reached${why}. Check the network and proxy settings, and base_url where it is set.`,
    {
      status: 502,
      code: UNREACHABLE,
      cause: error,
    },
  )
}

function timedOut(title: string, what: string, cause: unknown): ChatError {
  return new ChatError(`${title} ${what}. Try again.`, { status: 504, code: 'upstream_timeout', cause })
}

/** A system's or undici's code of what went wrong, wherever it is wrapped. */
function codeBehind(error: unknown): string | undefined {
  for (let at = error; isError(at); at = at.cause) {
    const code = codeOf(at)
    if (code !== undefined) return code
    if ('errors' in at && Array.isArray(at.errors) && at.errors.length > 0) return codeBehind(at.errors[0])
  }
  return undefined
}

/** A provider's words without the key or token it may have quoted. */
export function scrub(text: string, secrets: Secret[]): string {
  let clean = text
  for (const secret of secrets) {
    const value = secret.reveal()
    if (value.length >= 4) clean = clean.replaceAll(value, '[secret]')
  }
  return clean.replaceAll(/\bBearer\s+[\w.~+/=-]{8,}/gi, 'Bearer [secret]')
}

function scrubObject(value: Record<string, unknown>, secrets: Secret[]): Record<string, unknown> {
  const clean = parse(scrub(JSON.stringify(value), secrets))
  return isObject(clean) ? clean : {}
}

/**
 * The JSON of an answer; that of the first event, where it is a stream of them; or the text. Some servers refuse who asked for a stream by
 * one, whatever the status says: DashScope (anomalyco/opencode issue 40770, musistudio/claude-code-router issue 1327), Xiaomi's
 * (Tencent/WeKnora issue 1302).
 */
function parse(text: string): unknown {
  const whole = parseJson(text)
  if (whole !== undefined) return whole
  const frames = sseFrames()
  const [first] = [...frames.push(Buffer.from(text)), ...frames.end()]
  return (first && parseObject(first.data)) ?? text
}

function looksLikeHtml(text: string): boolean {
  return /^\s*<(?:!doctype|html)/i.test(text)
}
