import { getRouterParams } from 'h3'
import type { Byok } from '../byok.ts'
import type { ExchangeContext } from '../exchange/exchange.ts'
import { isAnswer, noAnswer, pluginFault } from '../plugin/fault.ts'
import type { PluginProtocol, PluginRoute } from '../plugin/parts.ts'
import type { Plugin } from '../plugin/plugin.ts'
import { openaiChatProtocol } from '../protocols/openai-chat/index.ts'
import { PluginError } from '../plugin/check.ts'
import { chatRoute } from './chat.ts'
import { NamedProtocol } from './plugin-protocol.ts'
import type { RouteHandler, RouteSpec } from './route.ts'

/**
 * What plugins add to the routes.
 *
 * @param own byok's
 * @param byok the one that has these routes, once it is made
 * @throws {PluginError} for a path and method that is taken.
 */
export function pluginRoutes(
  context: ExchangeContext,
  own: readonly RouteSpec[],
  plugins: readonly Plugin[],
  byok: () => Byok,
): RouteSpec[] {
  const taken = new Set(own.map(({ path }) => path))
  const specs = new Map<string, RouteSpec>()
  const owners = new Map<string, string>()
  for (const { name, protocols = [], routes = [] } of plugins) {
    for (const added of [
      ...protocols.map((entry) => protocolSpec(context, entry, name)),
      ...routes.map((entry) => routeSpec(entry, name, byok)),
    ]) {
      const { path, methods, access } = added
      const known = specs.get(path)
      const [method = 'GET'] = Object.keys(methods)
      if (taken.has(path)) throw new PluginError(`plugin "${name}": the path ${path} is byok's own`)
      if (known && (method in known.methods || known.access !== access)) {
        const owner = owners.get(path) ?? name
        throw new PluginError(
          `plugin "${name}": another route has ${method} ${path} already, or its access differs: plugin "${owner}"'s`,
        )
      }
      if (known) Object.assign(known.methods, methods)
      else {
        specs.set(path, added)
        owners.set(path, name)
      }
    }
  }
  return [...specs.values()]
}

/** Whether a path of a request is that of a route. */
export function matches({ path }: Pick<RouteSpec, 'path'>, requested: string): boolean {
  const segments = path.split('/').map((segment) => {
    if (segment.startsWith('**')) return '.*'
    if (segment.startsWith(':') || segment === '*') return '[^/]+'
    return segment.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')
  })
  return new RegExp(`^${segments.join('/')}$`).test(requested)
}

function protocolSpec(context: ExchangeContext, { path, protocol: own }: PluginProtocol, plugin: string): RouteSpec {
  const protocol = new NamedProtocol(own, plugin)
  return { path, protocol, methods: { POST: chatRoute(context, protocol) }, access: 'client' }
}

function routeSpec(
  { path, method = 'GET', access = 'client', handler }: PluginRoute,
  plugin: string,
  byok: () => Byok,
): RouteSpec {
  const [part, owner] = [`route ${method} ${path}`, `plugin "${plugin}"`]
  const answer: RouteHandler = async (event, info) => {
    const context = { byok: byok(), info, params: getRouterParams(event, { decode: true }) }
    try {
      const response = await handler(event.req, context)
      if (!isAnswer(response)) throw noAnswer(part, owner)
      return response
    } catch (error) {
      throw pluginFault(error, part, owner)
    }
  }
  return { path, protocol: openaiChatProtocol, methods: { [method]: answer }, access }
}
