/*
 * What the page at `/ui` and the routes under it say to each other. The page shares these types with byok and nothing else, so this
 * file imports nothing. Times are Unix milliseconds. No text here is ever a key, a token, a prompt or an answer, but what a person
 * types into the page.
 */

/** A limit of an account, and how much of it is used, from 0 to 1. */
export interface QuotaView {
  limit: string
  used: number
  resetAt?: number
}

/** A model that an account rests for, or has not served since. */
export interface RestView {
  model: string
  /** `spent`: a limit is used up; `fault`: it failed. */
  cause: string
  status: number
  code: string
  failures: number
  until: number
}

export interface AccountView {
  provider: string
  title: string
  account: string
  kind: 'oauth' | 'api_key'
  state: 'ok' | 'needs_login'
  reason?: string
  expiresAt?: number
  renews: boolean
  weight: number
  priority: number
  inFlight: number
  rests: RestView[]
  quotas: QuotaView[]
  /** What its requests are signed with, as `byok status` says it. */
  signedInBy: 'login' | 'API key' | 'no key'
  /** Where a key is from: `FILE:LINE`, a variable, … */
  source?: string
  /** Whether the page can take it away. */
  removable: boolean
}

export interface ProviderView {
  name: string
  title: string
  enabled: boolean
  models: number
  /** The way to log in, such as `ChatGPT login`. */
  login?: string
  /** Whether it takes keys, and the variable its vendor's tools read them from. */
  key?: { env?: string }
}

export interface Overview {
  version: string
  /** Processes that share the work; what is live here is one's own. */
  workers: number
  providers: ProviderView[]
  accounts: AccountView[]
  routing: { strategy: string; sticky: boolean; maxAttempts: number; aliases: { name: string; targets: string[] }[] }
}

/** A request for a model, under way or over. */
export interface LiveRequest {
  /** Its own among all that byok tells of. */
  key: string
  startedAt: number
  /** Absent while it is under way. */
  endedAt?: number
  protocol: string
  /** As the client named it. */
  model: string
  provider?: string
  upstreamModel?: string
  account?: string
  client?: string
  attempts: number
  firstByteAt?: number
  /** Of a stream that began after a page was first opened. */
  sentBytes?: number
  input?: number
  output?: number
  /** Whether the tokens are byok's estimate. */
  estimated?: boolean
  outcome?: 'ok' | 'error' | 'aborted'
  status?: number
  /** The error's code or type. */
  error?: string
}

/** What comes by `GET /ui/api/events`, by its event's name. */
export interface PageEvents {
  overview: Overview
  /** All there is, newest first. */
  requests: LiveRequest[]
  /** Those that changed. */
  changed: LiveRequest[]
}

/** What comes in answer to `POST /ui/api/sign-in`. */
export interface SignInEvents {
  /** Where to sign in, and the name of this login for {@link RedirectInput}. */
  url: { id: string; url: string }
  code: { userCode: string; url: string; completeUrl?: string; expiresAt: number }
  /** The address that the browser ended at may be pasted; with what was wrong with the last one. */
  ask: { problem?: string }
  note: { text: string }
  done: { account: string }
  failed: { message: string }
}

export interface SignInInput {
  provider: string
  /** The name to keep it under. */
  account?: string
}

export interface RedirectInput {
  id: string
  text: string
}

/** An account to sign out of, or to wake. */
export interface AccountInput {
  provider: string
  account: string
  kind: 'oauth' | 'api_key'
}

export interface KeyInput {
  provider: string
  key: string
}

export interface UsageSumView {
  /** `null`: it has no name. */
  key: string | null
  requests: number
  errors: number
  /** Of `requests`: those whose tokens are byok's estimates. */
  estimated: number
  input: number
  output: number
  cachedInput: number
  firstByteMs: number | null
}

export interface UsageView {
  /** Whether it is recorded. */
  recorded: boolean
  /** Every day asked for, such as `2026-03-31`, in order. */
  days: string[]
  byDay: UsageSumView[]
  byModel: UsageSumView[]
  byProvider: UsageSumView[]
  total: UsageSumView
}

export interface ConfigFileView {
  path: string
  /** Its path as people write it. */
  shown: string
  exists: boolean
  /** Names this text when it is saved. */
  version: string
  /** With marks such as `__SECRET_1__` in place of secrets. Absent where `problem` says why it cannot be edited here. */
  text?: string
  problem?: string
}

export interface ConfigView {
  /** The last outranks the others. */
  files: ConfigFileView[]
  settings: { key: string; value: unknown; source: string }[]
}

export interface ConfigDraft {
  path: string
  version: string
  text: string
}

export interface ConfigProblemView {
  message: string
  key: string
  source: string
  line?: number
}

export interface ConfigChecked {
  valid: boolean
  problems: ConfigProblemView[]
  warnings: string[]
  /** Keys that count after a restart. */
  restart: string[]
}

export interface ToolView {
  name: string
  title: string
  /** What a new file would hold. */
  files: { path: string; text: string }[]
  notes: string[]
}

export interface ModelView {
  id: string
  provider: string
}
