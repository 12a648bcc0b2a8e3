import { invalidRequest, unsupported } from '../chat/index.ts'
import { mayPassThrough } from '../exchange/attempt.ts'
import type { ExchangeContext } from '../exchange/exchange.ts'
import { interactions, interactionsProtocol } from '../protocols/interactions/index.ts'
import { readJsonObject } from './body.ts'
import { clientGone, goesToNode } from './client-gone.ts'
import { askPlain } from './plain.ts'
import type { PlainForm } from './plain.ts'
import type { RouteHandler } from './route.ts'

const INTERACTIONS: PlainForm = {
  endpoint: 'interactions',
  protocol: interactionsProtocol,
  translator: interactions,
  held: true,
  named: ({ model: _, ...body }, model) => (typeof body['agent'] === 'string' ? body : { ...body, model }),
  prompt: ({ input }) => input,
  lacking: (title) =>
    `${title} has no Interactions, or no key for them. byok passes them on to Gemini with an API key; any other model is asked by generateContent.`,
}

/**
 * `POST /v1beta/interactions`, Google's newer API of chats, in which it offers its agents too. It passes through to a provider that has it.
 *
 * @throws {ChatError} 400 where a plugin is to see each chat, which it could not.
 */
export function createInteraction(context: ExchangeContext): RouteHandler {
  return async (event, info) => {
    info.protocol = interactionsProtocol.name
    if (!mayPassThrough(context)) throw unsupported('byok with a plugin that looks into chats', 'Interactions')
    const given = await readJsonObject(event, context.config.server)
    const asking = { headers: event.req.headers, info, toNode: goesToNode(event) }
    const body = { ...given, model: modelOf(context, given) }
    return await askPlain(context, INTERACTIONS, { ...asking, body }, clientGone(event))
  }
}

/** An agent is asked for in the place of a model, and is of the provider that has such. */
function modelOf({ registry }: ExchangeContext, { model, agent }: Record<string, unknown>): string {
  if (typeof model === 'string') return model.replace(/^models\//, '')
  const home = registry.providers.find(({ plugin }) => plugin.endpoints?.interactions)
  if (typeof agent === 'string' && home) return `${home.name}/${agent}`
  throw invalidRequest('You must provide a `model` or an `agent`, as text.', 'model')
}
