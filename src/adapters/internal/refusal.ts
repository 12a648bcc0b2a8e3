import { isIP } from 'node:net'
import { isUnsafePort } from 'get-port-please'
import type { ClientKeys } from '../../core/clients/client-keys.ts'
import type { Config } from '../../core/config/index.ts'
import { isLoopback } from '../../core/routes/guard.ts'

/** What may be a host; for anything else listhen would listen on every address of the machine. */
const HOST = /^(?!-)[\d.:A-Za-z-]{1,63}(?<!-)$/

/** Why byok does not listen, and what to do; sentences. */
export interface Refusal {
  message: string
  fix: string
}

/** What config has to say of an address for byok to listen there; `undefined` where it may. */
export function refusalOf(
  { host, port }: { host: string; port: number },
  config: Pick<Config, 'server'>,
  clients: Pick<ClientKeys, 'anyCreated'>,
): Refusal | undefined {
  if (!HOST.test(host) || (/^[\d.]+$/.test(host) && isIP(host) === 0)) return noAddress(host)
  const open = opens(host, config, clients)
  if (open) return open
  if (port === 0 || !isUnsafePort(port)) return undefined
  return {
    message: `Web clients refuse to call port ${port} (https://fetch.spec.whatwg.org/#port-blocking).`,
    fix: 'Pick another with `byok serve -p PORT`.',
  }
}

/** Whether others could use byok without a key. */
export function opens(
  host: string,
  { server }: Pick<Config, 'server'>,
  clients: Pick<ClientKeys, 'anyCreated'>,
): Refusal | undefined {
  if (isLoopback(host) || server.keys.length > 0 || clients.anyCreated) return undefined
  return {
    message: `Listening on ${host} would open your accounts to everyone who can reach this machine.`,
    fix: 'Make a key first (byok key create, or server.keys), or listen on 127.0.0.1.',
  }
}

export function noAddress(host: string): Refusal {
  return {
    message: `${host} is no address of this machine.`,
    fix: 'Listen on 127.0.0.1, or on one of its own.',
  }
}
