import type { AuthContext } from './context.ts'
import { AuthError } from './error.ts'
import { textOf } from './facts.ts'
import { isObject, objects } from '../json/json.ts'
import { ask, askFor, errorCodeOf, refusal } from './request.ts'
import type { AuthAnswer } from './request.ts'
import { sleep } from '../async/waiting.ts'

/*
 * Google's Code Assist, which stands behind Gemini CLI and Antigravity: before it serves an account, the account has a project
 * there. Facts: google-gemini/gemini-cli packages/core/src/code_assist/{setup,server,types}.ts; for Antigravity
 * router-for-me/CLIProxyAPI internal/auth/antigravity/auth.go (`FetchProjectID`, `OnboardUser`, `defaultAntigravityTierID`).
 */

/** What differs between the clients of Code Assist. */
export interface CodeAssistClient {
  /** Such as `{ ideType: 'IDE_UNSPECIFIED', pluginType: 'GEMINI' }`: which client's tiers are meant. */
  metadata: Record<string, string>
  /**
   * `own`: an account may work in a Google Cloud project of its own, and one with a tier but no project must. `given`: Google
   * gives each account its project, by onboarding it.
   */
  projects: 'own' | 'given'
  /** Where accounts are onboarded, if elsewhere than they are looked up. */
  onboardingUrl?: string
}

export interface CodeAssistOptions extends CodeAssistClient {
  accessToken: string
  /** The person's own Google Cloud project. */
  projectId?: string
}

const ENDPOINT = 'https://cloudcode-pa.googleapis.com'
const VERSION = 'v1internal'
/** What is asked for, in errors. */
const WHAT = "the account's Code Assist project"
/** setup.ts `_doSetupUser` */
const LOOK_AGAIN_MS = 5000
/** Two minutes of looking: whoever is set up by then is seldom, and may come back. */
const MOST_LOOKS = 24
/** The tier of an account that is offered none by default: setup.ts `getOnboardTier`. */
const LEGACY_TIER = 'legacy-tier'
/** That of a company. */
const STANDARD_TIER = 'standard-tier'
/** It has a project of Google's, and refuses a request that names one. */
const FREE_TIER = 'free-tier'

/**
 * The account's Code Assist project: the one it has, or the one it gets by being onboarded.
 * @throws {AuthError} with Google's reason, where the account may not have one.
 */
export async function codeAssistProject(context: AuthContext, options: CodeAssistOptions): Promise<string> {
  const { projectId, projects } = options
  const metadata = { ...options.metadata, ...(projectId !== undefined && { duetProject: projectId }) }
  const named = projectId === undefined ? {} : { cloudaicompanionProject: projectId }
  const loaded = await load(context, options, { ...named, metadata })
  const has = projectOf(loaded['cloudaicompanionProject'])
  const current = isObject(loaded['currentTier']) ? loaded['currentTier'] : undefined
  if (has !== undefined && (current || projects === 'given')) return has
  if (current && projects === 'own') return projectId ?? noProject(context, options, loaded)
  const validation = objects(loaded['ineligibleTiers']).find((tier) => tier['reasonCode'] === 'VALIDATION_REQUIRED')
  if (validation && !current) throw ineligible(context, [validation])

  const offered = objects(loaded['allowedTiers']).find((candidate) => candidate['isDefault'] === true)
  const tierId = textOf(offered?.['id']) ?? (projects === 'own' ? LEGACY_TIER : (textOf(current?.['id']) ?? FREE_TIER))
  const request = tierId === FREE_TIER ? { tierId, metadata: options.metadata } : { tierId, ...named, metadata }
  const response = await onboard(context, options, request)
  return projectOf(response['cloudaicompanionProject']) ?? projectId ?? noProject(context, options, loaded)
}

/**
 * What Code Assist knows of the account. A company's perimeter (VPC Service Controls) may keep it from being asked, and Gemini CLI goes on
 * with the company's tier and the project that the person names: server.ts `loadCodeAssist`, `isVpcScAffectedUser`.
 */
async function load(
  context: AuthContext,
  { accessToken, projects }: CodeAssistOptions,
  json: object,
): Promise<Record<string, unknown>> {
  const url = `${endpointOf(context, ENDPOINT)}:loadCodeAssist`
  const headers = { authorization: `Bearer ${accessToken}` }
  const answer = await ask(context, WHAT, { url, json, headers, repeatable: true })
  if (errorCodeOf(answer) === undefined && isObject(answer.body)) return answer.body
  if (projects === 'own' && isBehindPerimeter(answer)) return { currentTier: { id: STANDARD_TIER } }
  throw refusal(context, WHAT, answer, [accessToken])
}

function isBehindPerimeter({ body }: AuthAnswer): boolean {
  const error = isObject(body) && isObject(body['error']) ? body['error'] : {}
  return objects(error['details']).some(({ reason }) => reason === 'SECURITY_POLICY_VIOLATED')
}

/** Onboards the account, and waits until it is. @returns what came of it. */
async function onboard(context: AuthContext, options: CodeAssistOptions, request: object) {
  const endpoint = endpointOf(context, options.onboardingUrl ?? ENDPOINT)
  let operation = await post(context, options, `${endpoint}:onboardUser`, request)
  for (let looks = 0; operation['done'] !== true; looks++) {
    const name = textOf(operation['name'])
    // Gemini CLI takes what there is of one without a name; for Antigravity it is asked again.
    if (name === undefined && options.projects === 'own') break
    if (looks >= MOST_LOOKS) {
      throw new AuthError(
        `Google is still setting up this account for ${context.title}. Run \`byok login ${context.provider}\` again in some minutes.`,
        { code: 'onboarding' },
      )
    }
    if (looks === 0)
      context.ui?.note(`Google is setting up this account for ${context.title}; that may take a minute or two.`)
    await sleep(LOOK_AGAIN_MS, context.signal)
    operation =
      name === undefined
        ? await post(context, options, `${endpoint}:onboardUser`, request)
        : await call(context, options, { url: `${endpoint}/${name}` })
  }
  return isObject(operation['response']) ? operation['response'] : {}
}

function endpointOf({ config }: AuthContext, host: string): string {
  return `${config.oauth_base_url ?? host}/${VERSION}`
}

async function post(context: AuthContext, options: CodeAssistOptions, url: string, json: unknown) {
  return await call(context, options, { url, json, repeatable: true })
}

async function call(
  context: AuthContext,
  { accessToken }: CodeAssistOptions,
  request: { url: string; json?: unknown; repeatable?: boolean },
) {
  const headers = { authorization: `Bearer ${accessToken}` }
  return await askFor(context, WHAT, { ...request, headers })
}

function projectOf(value: unknown): string | undefined {
  return textOf(value) ?? (isObject(value) ? textOf(value['id']) : undefined)
}

function noProject(context: AuthContext, { projects }: CodeAssistOptions, loaded: Record<string, unknown>): never {
  const tiers = objects(loaded['ineligibleTiers'])
  if (tiers.length > 0) throw ineligible(context, tiers)
  if (projects === 'given') {
    throw new AuthError(`Google gave this account no project for ${context.title}, and no reason.`, {
      code: 'project_required',
    })
  }
  throw new AuthError(
    `${context.title} wants a Google Cloud project for this account. Set GOOGLE_CLOUD_PROJECT to its id and log in again; ` +
      `see https://goo.gle/gemini-cli-auth-docs#workspace-gca.`,
    { code: 'project_required' },
  )
}

function ineligible({ title }: AuthContext, tiers: Record<string, unknown>[]): AuthError {
  const reasons = tiers
    .map((tier) => [textOf(tier['reasonMessage']), textOf(tier['validationUrl'])].filter(Boolean).join(' '))
    .filter((reason) => reason !== '')
  return new AuthError(`${title} does not serve this account: ${reasons.join(' ') || 'no reason given.'}`, {
    code: 'ineligible',
  })
}
