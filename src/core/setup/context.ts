import type { Byok } from '../byok.ts'
import { addressOf } from '../address.ts'
import { credentialsOf } from '../auth/credentials.ts'
import { ChatError } from '../chat/index.ts'
import { plainKeyOf } from '../clients/key.ts'
import { ANY_KEY } from '../config/index.ts'
import { infoOf } from '../models/merge.ts'
import type { SetupContext, Tool } from './tool.ts'

/** What stands in for a key that byok needs but keeps no text of. */
export const NEEDS_KEY = '<a key from byok key create>'

/** What stands in for a model where none can be used yet. */
const NO_MODEL = 'MODEL'

/** Where a tool finds this byok, and which model it asks for unless told. */
export async function setupContext(
  byok: Byok,
  given: { url?: string; model?: string; key?: string } = {},
): Promise<SetupContext> {
  const { config } = byok
  const { host, port, server } = config
  const own = addressOf({ host, port, secure: server.tls !== undefined && server.tls !== false })
  const origin = given.url?.replace(/\/+(?:v1\/?)?$/, '') ?? own
  const key = given.key ?? plainKeyOf(config)?.reveal() ?? (byok.clients.required ? NEEDS_KEY : ANY_KEY)
  const model = given.model ?? (await firstModel(byok))
  return { origin, key, model, modelGiven: given.model !== undefined, ...(await factsNow(byok, model, given)) }
}

/** What may be shown: the key only where it is no secret. */
export function withoutSecret(facts: SetupContext): SetupContext {
  return facts.key === ANY_KEY || facts.key === NEEDS_KEY ? facts : { ...facts, key: '<one of server.keys>' }
}

/** What is left to do by hand. */
export function notesOf(tool: Tool, facts: SetupContext): string[] {
  const notes = tool.notes(facts)
  const doubt = doubtOf(tool, facts)
  return doubt !== undefined && asksForModel(tool, facts) ? [...notes, doubt] : notes
}

/** What may be wrong with the model. */
function doubtOf({ name }: Tool, { model, modelGiven, unknown }: SetupContext): string | undefined {
  if (modelGiven) return unknown === undefined ? undefined : `${unknown} It is in the settings all the same.`
  if (model !== NO_MODEL) return undefined
  return `No model can be used yet, so ${NO_MODEL} stands where one belongs. Run \`byok login\` or set a key, then \`byok setup ${name}\` again.`
}

/** Whether what a tool is told depends on the model. */
function asksForModel({ files, notes }: Tool, facts: SetupContext): boolean {
  const told = (model: string) =>
    JSON.stringify([notes({ ...facts, model }), ...files.map(({ edit }) => edit('', { ...facts, model }))])
  return told('one') !== told('another')
}

type Facts = Pick<SetupContext, 'info' | 'byAnthropic' | 'byGoogle' | 'unknown'>

/** What is known of a model; of one that was given for this byok and is in no list at hand, once providers were asked for theirs. */
async function factsNow(byok: Byok, model: string, given: { url?: string; model?: string }): Promise<Facts> {
  const facts = factsOf(byok, model)
  if (facts.unknown === undefined) return facts
  // Another byok has models of its own.
  if (!given.model || given.url !== undefined) return {}
  const { registry, modelLists } = byok
  await Promise.all(registry.providers.map((provider) => modelLists.refresh(provider)))
  return factsOf(byok, model)
}

function factsOf({ registry }: Byok, model: string): Facts {
  try {
    const [{ provider, model: id }] = registry.candidates(model)
    const { plugin, config } = provider
    const info = infoOf(provider, id)
    const byAnthropic = plugin.name === 'claude' && !config.base_url && !config.oauth_base_url
    return { ...(info && { info }), byAnthropic, byGoogle: plugin.name === 'gemini' }
  } catch (error) {
    if (error instanceof ChatError) return { unknown: error.message }
    throw error
  }
}

/** A name of config's own, else the first model of the first provider that can be used. */
async function firstModel({ registry, store }: Byok): Promise<string> {
  const [alias] = registry.aliases
  if (alias !== undefined) return alias
  for (const provider of registry.providers) {
    if (!provider.config.enabled || (await credentialsOf(provider, store)).length === 0) continue
    const [model] = provider.models.keys()
    if (model !== undefined) return model
  }
  return NO_MODEL
}
