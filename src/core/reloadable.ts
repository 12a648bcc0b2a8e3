import type { Config } from './config/schema.ts'
import { createLogger } from './log.ts'
import type { Logger } from './log.ts'
import { createUpstream } from './upstream/client.ts'
import type { Upstream, UpstreamOptions } from './upstream/client.ts'

/** Something that can be set up anew while it is in use. */
export type Reloadable<T, Settings> = T & { configure(settings: Settings): void }

/** A logger whose level and form may change. */
export function reloadableLogger(config: Config['log']): Reloadable<Logger, Config['log']> {
  let current = createLogger(config)
  return {
    error: (message, fields) => current.error(message, fields),
    warn: (message, fields) => current.warn(message, fields),
    info: (message, fields) => current.info(message, fields),
    debug: (message, fields) => current.debug(message, fields),
    configure: (next) => void (current = createLogger(next)),
  }
}

/** An upstream whose time-outs and retries may change. Requests under way end under those they began with. */
export function reloadableUpstream(options: UpstreamOptions): Reloadable<Upstream, UpstreamOptions> {
  let current = createUpstream(options)
  let settings = JSON.stringify(options)
  const all = [current]
  return {
    fetchFor: (bound) => async (url, init) => await current.fetchFor(bound)(url, init),
    forward: (url, request) => current.forward(url, request),
    configure: (next) => {
      if (JSON.stringify(next) === settings) return
      settings = JSON.stringify(next)
      current = createUpstream(next)
      // The old ones' idle connections close by themselves.
      all.push(current)
    },
    close: async () => void (await Promise.all(all.map((upstream) => upstream.close()))),
  }
}
