import type { RequestInfo } from '../hooks.ts'
import { headerOf } from '../upstream/fetch.ts'
import type { ReceivedHeaders, UpstreamResponse } from '../upstream/fetch.ts'
import { headersOf } from '../upstream/response.ts'
import { durationOf } from '../upstream/retry-after.ts'

/** How much of one of an account's limits is used, as its provider said last. */
export interface Quota {
  /** What is limited: `5h`, `7d`, `requests`, `tokens`, … */
  limit: string
  /** From 0 to 1. */
  used: number
  /** Unix milliseconds at which it begins anew. */
  resetAt?: number
}

/** One of these stands on every answer that tells of limits. */
const SIGNS = [
  'anthropic-ratelimit-unified-5h-utilization',
  'anthropic-ratelimit-requests-limit',
  'x-codex-primary-used-percent',
  'x-ratelimit-limit-requests',
  'x-ratelimit-limit-tokens',
]

interface Told {
  /** Unix milliseconds. */
  at: number
  headers: Headers | ReceivedHeaders
}

/** What is left of accounts' limits. Headers are kept as they came, and read when somebody asks. */
export class Quotas {
  readonly #now: () => number
  /** By provider, then by account: as many as there are accounts. */
  readonly #told = new Map<string, Map<string, Told>>()

  constructor(now: () => number = Date.now) {
    this.#now = now
  }

  /** A provider answered. */
  note(
    { provider, account }: Pick<RequestInfo, 'provider' | 'account'>,
    answer: Pick<UpstreamResponse, 'headers' | 'header' | 'received'>,
  ): void {
    if (provider === undefined || account === undefined) return
    for (const sign of SIGNS) {
      if (headerOf(answer, sign) === null) continue
      this.#keep(provider, account, answer.received ?? answer.headers)
      return
    }
  }

  /** An account's limits; those that have begun anew since are left out. */
  of(provider: string, account: string): Quota[] {
    const told = this.#told.get(provider)?.get(account)
    if (!told) return []
    const headers = told.headers instanceof Headers ? told.headers : headersOf(told.headers)
    return quotasOf(headers, told.at).filter(({ resetAt }) => resetAt === undefined || resetAt > this.#now())
  }

  #keep(provider: string, account: string, headers: Told['headers']): void {
    const now = this.#now()
    let accounts = this.#told.get(provider)
    if (!accounts) {
      accounts = new Map<string, Told>()
      this.#told.set(provider, accounts)
    }
    const told = accounts.get(account)
    if (!told) accounts.set(account, { at: now, headers })
    else {
      told.at = now
      told.headers = headers
    }
  }
}

/** The limits that an answer of `at` tells of, whoever's it is. */
export function quotasOf(headers: Headers, at: number): Quota[] {
  return [...planWindows(headers), ...codexWindows(headers), ...keyLimits(headers, at)]
}

/**
 * The windows of a Claude plan: `anthropic-ratelimit-unified-5h-utilization: 0.42`, a share of 1, with `…-5h-reset` in Unix seconds.
 * `overage` is what is paid for beyond the plan, and no window.
 *
 * @see https://github.com/anthropics/claude-code/issues/42108 for what Claude Code reads, and
 *   https://github.com/anomalyco/opencode/issues/49653 for the values of an answer
 * @see router-for-me/CLIProxyAPI internal/runtime/executor/helps/claude_ratelimit.go, for the windows and their reset
 */
function planWindows(headers: Headers): Quota[] {
  const quotas: Quota[] = []
  for (const [name, value] of headers) {
    const limit = /^anthropic-ratelimit-unified-(\w+)-utilization$/.exec(name)?.[1]
    const used = numberOf(value)
    if (limit === undefined || limit === 'overage' || used === undefined) continue
    const seconds = numberOf(headers.get(`anthropic-ratelimit-unified-${limit}-reset`))
    quotas.push(quotaOf(limit, used, seconds === undefined ? undefined : seconds * 1000))
  }
  return quotas
}

/**
 * The windows of a ChatGPT plan: `x-codex-primary-used-percent: 12.5`, with the window's length in minutes and its end in Unix seconds.
 * One of no length is none.
 *
 * @see openai/codex codex-rs/codex-api/src/rate_limits.rs `parse_rate_limit_window`
 */
function codexWindows(headers: Headers): Quota[] {
  return ['primary', 'secondary'].flatMap((window) => {
    const of = (name: string) => numberOf(headers.get(`x-codex-${window}-${name}`))
    const [percent, minutes, end] = [of('used-percent'), of('window-minutes'), of('reset-at')]
    if (percent === undefined || minutes === 0) return []
    const limit = minutes === undefined ? window : spanOf(minutes)
    return [quotaOf(limit, percent / 100, end === undefined ? undefined : end * 1000)]
  })
}

/** Whose limits of keys they are: how each names a limit's size, what remains of it, and when it begins anew. */
const KEY_LIMITS = [
  {
    size: /^anthropic-ratelimit-(.+)-limit$/,
    name: (limit: string, of: string) => `anthropic-ratelimit-${limit}-${of}`,
  },
  { size: /^x-ratelimit-limit-(.+)$/, name: (limit: string, of: string) => `x-ratelimit-${of}-${limit}` },
]

/**
 * What a key may send in a minute: `anthropic-ratelimit-requests-limit`, `-remaining` and `-reset` (RFC 3339), or
 * `x-ratelimit-limit-requests`, `-remaining-requests` and `-reset-requests` (`6m0s`).
 *
 * @see anomalyco/opencode packages/llm/src/route/executor.ts `rateLimitDetails`, for the names of both
 * @see https://platform.claude.com/docs/en/api/rate-limits#response-headers
 * @see https://platform.openai.com/docs/guides/rate-limits "Rate limits in headers"
 */
function keyLimits(headers: Headers, at: number): Quota[] {
  const quotas: Quota[] = []
  for (const [header, value] of headers) {
    for (const { size, name } of KEY_LIMITS) {
      const limit = size.exec(header)?.[1]
      const most = numberOf(value)
      if (limit === undefined || most === undefined || most <= 0) continue
      const remaining = numberOf(headers.get(name(limit, 'remaining')))
      if (remaining === undefined) continue
      quotas.push(quotaOf(limit, 1 - remaining / most, resetOf(headers.get(name(limit, 'reset')), at)))
    }
  }
  return quotas
}

/** A moment, or a time from `at` on. */
function resetOf(text: string | null, at: number): number | undefined {
  if (text === null) return undefined
  const seconds = durationOf(text)
  if (seconds !== undefined) return at + seconds * 1000
  const moment = /^\d{4}-/.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(moment) ? undefined : moment
}

function quotaOf(limit: string, used: number, resetAt: number | undefined): Quota {
  return { limit, used: Math.min(1, Math.max(0, used)), ...(resetAt !== undefined && { resetAt }) }
}

/** `5h`, `7d`, `90m`. */
function spanOf(minutes: number): string {
  if (minutes % 1440 === 0) return `${minutes / 1440}d`
  return minutes % 60 === 0 ? `${minutes / 60}h` : `${minutes}m`
}

function numberOf(text: string | null): number | undefined {
  const value = text === null || text.trim() === '' ? Number.NaN : Number(text)
  return Number.isFinite(value) && value >= 0 ? value : undefined
}
