import type { OwnLogger } from '../log/log.ts'
import { isWorker } from '../runtime.ts'
import type { Upstream, UpstreamOptions } from '../upstream/client.ts'
import type { Environment, Transport } from '../upstream/transport.ts'

/** Something that can be set up anew while it is in use. */
export type Reloadable<T, Settings> = T & { configure(settings: Settings): void }

/** A logger in whose place another may come, with its own level and form. */
export function reloadableLogger(first: OwnLogger): Reloadable<OwnLogger, OwnLogger> {
  let current = first
  let closing: Promise<unknown> = Promise.resolve()
  return {
    error: (message, fields) => current.error(message, fields),
    warn: (message, fields) => current.warn(message, fields),
    info: (message, fields) => current.info(message, fields),
    debug: (message, fields) => current.debug(message, fields),
    configure: (next) => {
      closing = Promise.all([closing, current.close()])
      current = next
    },
    close: async () => void (await Promise.all([closing, current.close()])),
  }
}

interface Loading {
  upstream: Promise<Upstream>
  /** Once it is. */
  loaded?: Upstream
}

/**
 * An upstream whose time-outs and retries may change. Requests under way end under those they began with.
 *
 * The HTTP client behind it is loaded for the first request: most of the CLI's commands send none.
 */
export function reloadableUpstream(options: UpstreamOptions, env: Environment): Reloadable<Upstream, UpstreamOptions> {
  let settings = options
  let current: Loading | undefined
  const all: Promise<Upstream>[] = []

  async function load(): Promise<Upstream> {
    const [{ createUpstream }, transport] = await Promise.all([
      import('../upstream/client.ts'),
      transportFor(settings, env),
    ])
    return createUpstream(settings, transport)
  }
  function upstream(): Promise<Upstream> {
    if (!current) {
      const one: Loading = { upstream: load() }
      current = one
      all.push(one.upstream)
      one.upstream.then(
        (upstream) => (one.loaded = upstream),
        () => {},
      )
    }
    return current.upstream
  }

  return {
    fetchFor: (bound) =>
      current?.loaded?.fetchFor(bound) ?? (async (url, init) => await (await upstream()).fetchFor(bound)(url, init)),
    forward: async (url, request) => await (await upstream()).forward(url, request),
    openSocket: async (url, request) => await (await upstream()).openSocket(url, request),
    configure: (next) => {
      if (JSON.stringify(next) === JSON.stringify(settings)) return
      settings = next
      // The old one's idle connections close by themselves.
      current = undefined
    },
    close: async () => void (await Promise.all(all.map(async (one) => await (await one).close()))),
  }
}

async function transportFor(timeouts: UpstreamOptions, env: Environment): Promise<Transport> {
  if (isWorker()) {
    return (await import('../upstream/fetch-transport.ts')).createFetchTransport(timeouts)
  }
  return (await import('../upstream/node-transport.ts')).createNodeTransport(timeouts, env)
}
