import { ofAnyCopy } from '../plugin/any-copy.ts'

export interface AuthErrorOptions {
  /** OAuth's own code where there is one, such as `access_denied` or `invalid_grant`. */
  code: string
  /** Whether trying again with the same tokens is pointless. */
  permanent?: boolean
  /** The authorization server's status, where it answered. */
  status?: number
  /** Seconds it asks to wait. */
  retryAfter?: number
  cause?: unknown
}

/** A login or refresh that failed. The message is shown to people as it stands; it never holds a token or a code. */
export class AuthError extends Error {
  override readonly name = 'AuthError'
  readonly code: string
  readonly permanent: boolean
  readonly status: number | undefined
  readonly retryAfter: number | undefined

  static {
    ofAnyCopy(this, 'AuthError')
  }

  constructor(message: string, options: AuthErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = options.code
    this.permanent = options.permanent ?? false
    this.status = options.status
    this.retryAfter = options.retryAfter
  }
}
