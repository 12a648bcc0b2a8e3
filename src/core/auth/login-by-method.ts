import type { ChatError } from '../chat/index.ts'
import { faultOf } from '../log/fault.ts'
import { isObject } from '../json/json.ts'
import type { Logger } from '../log/log.ts'
import { ownerOf, PluginFault, pluginFault } from '../plugin/fault.ts'
import { orAborted } from '../async/waiting.ts'
import type { Existing, ImportContext, Login, LoginContext } from './context.ts'
import { AuthError } from './error.ts'
import type { OAuthMethod } from './method.ts'

/**
 * Signs a person in as the provider's method does, which may be a plugin's, and may not look at its signal.
 * @throws {AuthError}, or why it was stopped
 */
export async function loginBy(method: OAuthMethod, context: LoginContext, logger: Logger): Promise<Login> {
  const { provider, signal } = context
  return await ofMethod('login', { provider, signal, logger }, async () => {
    const login: unknown = await orAborted(method.login(context), [signal])
    if (isLogin(login)) return login
    throw new PluginFault('login', ownerOf(provider), undefined, 'gave no login, which has an `account` and `tokens`')
  })
}

/**
 * What the vendor's own tools left, as the provider's method finds it.
 * @throws {AuthError}, or why it was stopped
 */
export async function existingBy(method: OAuthMethod, context: ImportContext, logger: Logger): Promise<Existing[]> {
  const { provider, signal } = context
  if (!method.existing) return []
  return await ofMethod('`existing`', { provider, signal, logger }, async () => {
    const found: unknown = (await method.existing?.(context)) ?? []
    if (Array.isArray(found) && found.every(isExisting)) return found
    throw new PluginFault(
      '`existing`',
      ownerOf(provider),
      undefined,
      'gave something else in place of a list of logins',
    )
  })
}

/**
 * Does a method's part of a login.
 * @throws {AuthError} that says whose it is, where it fails and not on purpose; or why it was stopped
 */
export async function ofMethod<T>(
  part: string,
  { provider, signal, logger }: { provider: string; signal?: AbortSignal; logger: Logger },
  work: () => T | Promise<T>,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof AuthError || signal?.aborted) throw error
    const fault = pluginFault(error, part, ownerOf(provider))
    if (fault instanceof PluginFault) {
      const { owner, message, cause } = fault
      logger.error('a plugin failed', { part, owner, fault: cause === undefined ? message : faultOf(cause) })
    }
    throw authErrorOf(fault)
  }
}

/** What `fetch` rejects with, where a method hands that on, is told as any other fault of a login. */
function authErrorOf(error: ChatError): AuthError {
  const { message, code, upstreamStatus } = error
  return new AuthError(message, {
    code: code ?? error.type,
    ...(upstreamStatus !== undefined && { status: upstreamStatus }),
    cause: error,
  })
}

/** As far as byok looks into it itself; the store looks at the rest. */
function isLogin(login: unknown): login is Login {
  return isObject(login) && typeof login['account'] === 'string' && isObject(login['tokens'])
}

function isExisting(login: unknown): login is Existing {
  return isLogin(login) && 'source' in login && typeof login.source === 'string'
}
