import { Secret } from '../secrets/secret.ts'
import type { Config } from './schema.ts'

/** What byok is started from and cannot change while it runs: all that the rest of this file, and what is told of it, goes by. */
function fixedOf(config: Config) {
  const { port, host, db, cache, plugins, responses, metrics, telemetry, server } = config
  const { workers, tls } = server
  return { port, host, db, cache, plugins, responses, metrics, telemetry, server: { workers, tls } }
}

/** A config with those settings as they were at the start. */
export function keepFixed(config: Config, started: Config): Config {
  const { server, ...own } = fixedOf(started)
  return { ...config, ...own, server: { ...config.server, ...server } }
}

/** Those settings by their paths. */
export function fixedSettings(config: Config): Map<string, unknown> {
  const { server, ...own } = fixedOf(config)
  const ofServer = Object.entries(server).map(([name, value]): [string, unknown] => [`server.${name}`, value])
  return new Map([...Object.entries(own), ...ofServer])
}

/** The paths of those that are not as they were at the start. */
export function changedFixed(config: Config, started: Config): string[] {
  const then = fixedSettings(started)
  return [...fixedSettings(config)].flatMap(([path, now]) => (textOf(now) === textOf(then.get(path)) ? [] : [path]))
}

/** To compare by: secrets, which JSON shows nothing of, in the clear. */
function textOf(value: unknown): string | undefined {
  return JSON.stringify(value, function (this: Record<string, unknown>, name, shown: unknown) {
    const whole = this[name]
    return whole instanceof Secret ? whole.reveal() : shown
  })
}
