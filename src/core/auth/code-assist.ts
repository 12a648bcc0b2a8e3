import type { AuthContext } from './context.ts'
import { AuthError } from './error.ts'
import { textOf } from './facts.ts'
import { isObject } from '../json.ts'
import { askFor } from './request.ts'
import { sleep } from '../waiting.ts'

/*
 * Google's Code Assist, which stands behind Gemini CLI and Antigravity: before it serves an account, the account has a project
 * there. Facts: google-gemini/gemini-cli packages/core/src/code_assist/{setup,server,types}.ts.
 */

export interface CodeAssistOptions {
  accessToken: string
  /** Such as `{ ideType: 'IDE_UNSPECIFIED', pluginType: 'GEMINI' }`: which client's tiers are meant. */
  metadata: Record<string, string>
  /** The person's own Google Cloud project, where the account is a company's. */
  projectId?: string
}

const ENDPOINT = 'https://cloudcode-pa.googleapis.com'
const VERSION = 'v1internal'
/** setup.ts `_doSetupUser` */
const LOOK_AGAIN_MS = 5000
/** The tier of an account that is offered none by default: setup.ts `getOnboardTier`. */
const LEGACY_TIER = 'legacy-tier'
/** It has a project of Google's, and refuses a request that names one. */
const FREE_TIER = 'free-tier'

/**
 * The account's Code Assist project: the one it has, or the one it gets by being onboarded.
 * @throws {AuthError} with Google's reason, where the account may not have one.
 */
export async function codeAssistProject(context: AuthContext, options: CodeAssistOptions): Promise<string> {
  const { projectId } = options
  const metadata = { ...options.metadata, ...(projectId !== undefined && { duetProject: projectId }) }
  const named = projectId === undefined ? {} : { cloudaicompanionProject: projectId }
  const loaded = await post(context, options, 'loadCodeAssist', { ...named, metadata })
  if (isObject(loaded['currentTier'])) {
    return projectOf(loaded['cloudaicompanionProject']) ?? projectId ?? noProject(context, loaded)
  }
  const validation = tiersOf(loaded['ineligibleTiers']).find((tier) => tier['reasonCode'] === 'VALIDATION_REQUIRED')
  if (validation) throw ineligible(context, [validation])

  const tier = tiersOf(loaded['allowedTiers']).find((candidate) => candidate['isDefault'] === true)
  const tierId = textOf(tier?.['id']) ?? LEGACY_TIER
  const request = tierId === FREE_TIER ? { tierId, metadata: options.metadata } : { tierId, ...named, metadata }
  let operation = await post(context, options, 'onboardUser', request)
  while (operation['done'] !== true) {
    const name = textOf(operation['name'])
    await sleep(LOOK_AGAIN_MS, context.signal)
    operation =
      name === undefined
        ? await post(context, options, 'onboardUser', request)
        : await call(context, options, { url: `${endpointOf(context)}/${name}` })
  }
  const response = isObject(operation['response']) ? operation['response'] : {}
  return projectOf(response['cloudaicompanionProject']) ?? projectId ?? noProject(context, loaded)
}

function endpointOf({ config }: AuthContext): string {
  return `${config.oauth_base_url ?? ENDPOINT}/${VERSION}`
}

async function post(context: AuthContext, options: CodeAssistOptions, method: string, json: unknown) {
  return await call(context, options, { url: `${endpointOf(context)}:${method}`, json, repeatable: true })
}

async function call(
  context: AuthContext,
  { accessToken }: CodeAssistOptions,
  request: { url: string; json?: unknown; repeatable?: boolean },
) {
  const headers = { authorization: `Bearer ${accessToken}` }
  return await askFor(context, "the account's Code Assist project", { ...request, headers })
}

function projectOf(value: unknown): string | undefined {
  return textOf(value) ?? (isObject(value) ? textOf(value['id']) : undefined)
}

function tiersOf(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isObject) : []
}

function noProject(context: AuthContext, loaded: Record<string, unknown>): never {
  const tiers = tiersOf(loaded['ineligibleTiers'])
  if (tiers.length > 0) throw ineligible(context, tiers)
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
