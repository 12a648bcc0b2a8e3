import type { ProviderConfig } from '../config/schema.ts'
import type { Secret } from '../secrets/secret.ts'
import type { AccountRecord, AccountTokens } from '../store/index.ts'
import type { AuthError } from './error.ts'
import type { UpstreamFetch } from '../upstream/fetch.ts'

/** What every call to an authorization server is made with. */
export interface AuthContext {
  /** The provider's name, as in config. */
  provider: string
  /** What people call it. */
  title: string
  /** The provider's settings; `config.oauth` goes over the method's own facts. */
  config: ProviderConfig
  /** The variables of byok's environment. */
  env: Record<string, string | undefined>
  /** With the provider's proxy, byok's time-outs and its retries: for what may be asked twice. */
  fetch: UpstreamFetch
  /** As `fetch`, tried once: a code or a refresh token is good for one use. */
  fetchOnce: UpstreamFetch
  signal: AbortSignal
  /** The person, where one is signing in. */
  ui?: LoginUi
}

/** A device code as it is shown. */
export interface DevicePrompt {
  /** What the person types, such as `ABCD-EFGH`. */
  userCode: string
  /** Where they type it. */
  url: string
  /** The same with the code filled in, where the provider has that. */
  completeUrl?: string
  /** Unix milliseconds. */
  expiresAt: number
}

/** The side of a login that a person sees: a terminal, or a page. */
export interface LoginUi {
  /** Shows where to sign in, and opens it where that is wanted. */
  openUrl(url: string): void
  /** Shows a device code until `done` is aborted. */
  showDeviceCode(prompt: DevicePrompt, done: AbortSignal): void
  /**
   * Asks for the address that the browser was sent to. Resolves with each answer, or `undefined` when there is nobody to ask.
   * `problem` says what was wrong with the answer before.
   */
  askRedirect(done: AbortSignal, problem?: string): Promise<string | undefined>
  /** Tells of a step, or of something to know, in a sentence. */
  note(text: string): void
}

export interface LoginContext extends AuthContext {
  ui: LoginUi
}

/** What a login gives. */
export interface Login {
  /** The account's name among the provider's, such as an e-mail address. */
  account: string
  tokens: AccountTokens
  /** Unix milliseconds by this machine's clock; absent where the provider gives no expiry. */
  expiresAt?: number
  /** What later calls need. Kept in the clear: never a secret. */
  metadata?: Record<string, string>
}

export interface RefreshContext extends AuthContext {
  account: AccountRecord
  /**
   * Makes a new refresh token durable at once, before anything else is asked: the old one may be dead already, and what comes
   * after may fail.
   */
  keep(refreshToken: Secret): Promise<void>
}

/** What a refresh gives. All of it replaces what was: carry over what stays. */
export type Refreshed = Omit<Login, 'account'>

export interface ImportContext extends AuthContext {
  /** The home directory. */
  home: string
  platform: NodeJS.Platform
  /** Tells of a file that cannot be read, where others may have logins too. To throw ends the search. */
  report(error: AuthError): void
}

/** A login that another tool left on this machine. */
export interface Existing extends Login {
  /** Where it was found: a path, or `the macOS keychain`. */
  source: string
}
