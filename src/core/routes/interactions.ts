import { invalidRequest, unsupported } from '../chat/index.ts'
import type { Usage } from '../chat/index.ts'
import { mayPassThrough } from '../exchange/attempt.ts'
import type { ExchangeContext } from '../exchange/exchange.ts'
import { geminiProtocol } from '../protocols/gemini/index.ts'
import { interactions, interactionsProtocol } from '../protocols/interactions/index.ts'
import { readJsonObject } from './body.ts'
import { clientGone, goesToNode } from './client-gone.ts'
import { HeldInteractions } from './held-interactions.ts'
import { askPlain } from './plain.ts'
import type { PlainForm } from './plain-form.ts'
import type { RouteHandler, RouteSpec } from './route.ts'

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
 * Google's newer API of chats, in which it offers its agents too: `POST /v1beta/interactions`, which passes through to a provider that has
 * it, and what it holds by its id, which goes to the account that began it.
 */
export function interactionsRoutes(context: ExchangeContext, version: string): RouteSpec[] {
  const held = new HeldInteractions(context)
  const path = `${version}/interactions`
  const byId = (method: string, action = '') => heldInteraction(context, held, method, action)
  return [
    { path, protocol: geminiProtocol, methods: { POST: createInteraction(context, held) } },
    { path: `${path}/:id`, protocol: geminiProtocol, methods: { GET: byId('GET'), DELETE: byId('DELETE') } },
    { path: `${path}/:id/cancel`, protocol: geminiProtocol, methods: { POST: byId('POST', '/cancel') } },
  ]
}

/** @throws {ChatError} 400 where a plugin is to see each chat, which it could not. */
function createInteraction(context: ExchangeContext, held: HeldInteractions): RouteHandler {
  return async (event, info) => {
    info.protocol = interactionsProtocol.name
    if (!mayPassThrough(context)) throw unsupported('byok with a plugin that looks into chats', 'Interactions')
    const given = await readJsonObject(event, context.config.server)
    await held.guardPrevious(info, given['previous_interaction_id'])
    const counted = given['background'] !== true
    const onId = (id: string) => void held.put(info, id, { model: info.model ?? '', counted })
    const asking = { headers: event.req.headers, info, toNode: goesToNode(event), onId }
    const body = { ...given, model: modelOf(context, given) }
    return await askPlain(context, INTERACTIONS, { ...asking, body }, clientGone(event))
  }
}

function heldInteraction(
  context: ExchangeContext,
  all: HeldInteractions,
  method: string,
  action: string,
): RouteHandler {
  return async (event, info) => {
    info.protocol = interactionsProtocol.name
    const id = event.context.params?.['id'] ?? ''
    const held = await all.get(info, id)
    const form: PlainForm = {
      ...INTERACTIONS,
      endpoint: 'held-interactions',
      held: false,
      free: true,
      named: (body) => body,
      prompt: () => '',
      usage: (answer) => {
        const told = held.counted ? undefined : usageOf(answer)
        if (told) void all.put(info, id, { ...held, counted: true })
        return told
      },
    }
    const path = `${encodeURIComponent(id)}${action}${queryOf(event.url)}`
    const stream = method === 'GET' && event.url.searchParams.get('stream') === 'true'
    // As one that goes on from it, it finds the account that holds it.
    const body = { model: held.model, previous_interaction_id: id, method, path, stream }
    const asking = { body, headers: event.req.headers, info, toNode: goesToNode(event) }
    return await askPlain(context, form, asking, clientGone(event))
  }
}

/** What `interactionsGet` asks (googleapis/js-genai), and nothing else: a client's own key may be in the query too. */
const ASKED = ['include_input', 'last_event_id', 'stream']

function queryOf({ searchParams }: URL): string {
  const asked = new URLSearchParams([...searchParams].filter(([name]) => ASKED.includes(name)))
  return asked.size > 0 ? `?${asked.toString()}` : ''
}

function usageOf(answer: Record<string, unknown>): Usage | undefined {
  return interactions.answer?.(answer).find((event) => event.type === 'usage')?.usage
}

/**
 * An agent is asked for in the place of a model, and is of the provider that has such. Where there are both it is the agent that is sent on,
 * so it is the one that a client's key must be for.
 */
function modelOf({ registry }: ExchangeContext, { model, agent }: Record<string, unknown>): string {
  const home = registry.providers.find(({ plugin }) => plugin.endpoints?.interactions)
  if (typeof agent === 'string' && home) return `${home.name}/${agent}`
  if (typeof model === 'string') return model.replace(/^models\//, '')
  throw invalidRequest('You must provide a `model` or an `agent`, as text.', 'model')
}
