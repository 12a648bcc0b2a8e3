import type { ArgsDef, ParsedArgs } from 'citty'
import type { Byok } from '../byok.ts'
import type { RequestInfo } from '../hooks.ts'
import type { Protocol } from '../protocols/protocol.ts'
import type { TokenStore } from '../store/types.ts'

/**
 * A protocol that clients speak to byok, in front of every provider. Its requests are JSON objects that have the model's name under
 * `model`, by which byok finds who may serve them before anything else of them is read.
 */
export interface PluginProtocol {
  /** Where its clients POST to, such as `/v1/converse`. */
  path: string
  protocol: Protocol
}

/** A page or an endpoint. */
export interface PluginRoute {
  /** As h3 has it: `:name` for a segment, `**` for the rest. It is none of byok's own. */
  path: string
  /** Default `GET`, which answers HEAD too. */
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /**
   * Who may ask, besides being of this machine or of an allowed host and origin. `client`, the default: who has a key, where there
   * are keys; `admin`: who may manage byok; `anyone`.
   */
  access?: 'client' | 'admin' | 'anyone'
  /** A {@link ChatError} that it throws is answered in OpenAI's form; anything else is a 500, and in the log. */
  handler(request: Request, context: PluginRouteContext): Response | Promise<Response>
}

export interface PluginRouteContext {
  byok: Byok
  info: RequestInfo
  /** What stands for each `:name` of the path. */
  params: Record<string, string>
}

/** A command of the CLI. */
export interface PluginCommand<Args extends ArgsDef = ArgsDef> {
  description: string
  /**
   * As citty has them. `--config`, `--db`, `--quiet`, `--verbose`, `--json` and `--help` are every command's: `args['json']` asks for
   * one JSON value on standard output, and what byok says on standard error is lines of JSON then.
   */
  args?: Args
  /** What it throws ends the process with a non-zero code; byok is closed after. */
  run(context: { byok: Byok; args: ParsedArgs<Args> }): void | Promise<void>
}

/** Types a command; it is returned as it was given. */
export function defineCommand<const Args extends ArgsDef>(command: PluginCommand<Args>): PluginCommand {
  // Whoever runs it parses its arguments by `args`, and so hands it what it wants.
  return command as PluginCommand
}

/**
 * Opens a store of logins.
 *
 * @param url config's `db`
 * @throws {StoreError}
 */
export type OpenStore = (url: string, context: OpenStoreContext) => Promise<TokenStore>

export interface OpenStoreContext {
  env: Record<string, string | undefined>
  /** byok's own folder on this machine, where it keeps what is no login. It need not exist. */
  folder: string
}
