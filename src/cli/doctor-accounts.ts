import type { Byok } from '../core/byok.ts'
import type { Credential } from '../core/auth/credential.ts'
import { credentialsOf, signedInBy } from '../core/auth/credentials.ts'
import type { Plugin } from '../core/plugin/plugin.ts'
import type { Provider } from '../core/registry.ts'
import type { RoutingCandidate } from '../core/routing/strategy.ts'
import type { Finding } from './doctor-checks.ts'
import { messageOf, ownRequest } from './own-request.ts'

/** Picks the one account that is being tried, which byok's own ways to route would not. */
export class OneAccount {
  wanted: Pick<RoutingCandidate, 'account' | 'kind'> | undefined

  readonly plugin: Plugin = {
    name: 'byok-doctor',
    strategies: {
      'byok-doctor': (candidates) =>
        candidates.filter(({ account, kind }) => account === this.wanted?.account && kind === this.wanted.kind),
    },
  }
}

/** What is known of the accounts without asking anyone. */
export async function checkLogins({ auth }: Byok): Promise<Finding[]> {
  const check = 'accounts'
  const accounts = await auth.status()
  if (accounts.length === 0) {
    const fix = 'Run `byok login`, or set a key such as ANTHROPIC_API_KEY.'
    return [{ check, state: 'warn', message: 'No provider is signed in to.', fix }]
  }
  return accounts.map(({ provider, account, kind, state, reason }) => {
    const name = nameOf(provider, { kind, account })
    if (state === 'ok') return { check, state: 'ok', message: name }
    const why = reason === undefined ? '' : ` (${reason})`
    return { check, state: 'fail', message: `${name} needs a new login${why}.`, fix: `byok login ${provider}` }
  })
}

function nameOf(provider: string, account: Pick<RoutingCandidate, 'account' | 'kind'>): string {
  const by = signedInBy(account)
  return by === account.account ? `${provider}: ${by}` : `${provider}: ${by} ${account.account}`
}

/**
 * Asks each account that may work for a word: the only check that costs something. One that rests is asked too, for the model for which it
 * does, and goes on at once if it serves: people reset limits, and buy more, before the time that their provider named
 * (router-for-me/CLIProxyAPI issues 4724, 5277 and 5639).
 */
export async function tryAccounts(byok: Byok, one: OneAccount): Promise<Finding[]> {
  const findings: Finding[] = []
  for (const provider of byok.registry.providers) {
    if (!provider.config.enabled) continue
    for (const credential of await credentialsOf(provider, byok.store)) {
      const { account, kind } = credential
      const name = nameOf(provider.name, credential)
      await byok.modelLists.refresh(provider)
      const fits = [...provider.models.values()].filter((info) => (info.credential ?? kind) === kind)
      const spent = modelsSpent(byok, provider, credential)
      const model =
        fits.find(({ id }) => spent.has(id)) ??
        fits.find(({ id }) => /mini|flash|haiku|lite|turbo/i.test(id)) ??
        fits[0]
      if (!model) {
        findings.push({ check: 'accounts', ...noModel(name, provider.name, byok.modelLists.reasonOf(provider)) })
        continue
      }
      one.wanted = { account, kind }
      // It may have been topped up, or reset, since it was told when it is back; where it was not, it says so again.
      if (spent.size > 0) await byok.routing.wake(provider, credential)
      const body = {
        model: `${provider.name}/${model.id}`,
        messages: [{ role: 'user', content: 'Say hi.' }],
        // The least that every provider takes.
        max_tokens: 16,
      }
      const response = await byok.fetch(ownRequest(byok, '/v1/chat/completions', body))
      if (response.ok) findings.push({ check: 'accounts', state: 'ok', message: `${name} answers (${model.id}).` })
      else findings.push({ check: 'accounts', state: 'fail', ...(await refusal(response, name, provider.name, kind)) })
    }
  }
  return findings
}

/** Those for which an account rests until its limit is reset: what was told of that is a person's to doubt. */
function modelsSpent({ routing }: Byok, { name }: Provider, { account, kind }: Credential): Set<string> {
  const rests = routing.resting.filter(
    (rest) => rest.provider === name && rest.account === account && rest.kind === kind,
  )
  return new Set(rests.flatMap(({ cause, model }) => (cause === 'spent' ? [model] : [])))
}

/** @param unlisted why the provider told none */
function noModel(name: string, provider: string, unlisted: string | undefined): Omit<Finding, 'check'> {
  const fix = `Name one in providers.${provider}.models.`
  if (unlisted === undefined) return { state: 'warn', message: `${name}: there is no model to ask.`, fix }
  return { state: 'fail', message: `${name}: its models cannot be listed: ${unlisted}`, fix: `${LOOK} Or: ${fix}` }
}

const LOOK = 'Look at `byok config show`: base_url, proxy.'

async function refusal(response: Response, name: string, provider: string, kind: 'oauth' | 'api_key') {
  const { status } = response
  const message = `${name} does not answer: ${await messageOf(response)}`
  if (status === 401 || status === 403) {
    return {
      message,
      fix: kind === 'oauth' ? `byok login ${provider}` : `Put a key that works into providers.${provider}.`,
    }
  }
  if (status === 429) return { message, fix: 'Wait, or add another account: byok goes on to the next by itself.' }
  return { message, fix: `${LOOK} Or try again later.` }
}
