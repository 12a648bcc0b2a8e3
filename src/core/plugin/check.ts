import { z } from 'zod'
import { reasonOf } from '../log/fault.ts'
import { HOOK_NAMES } from '../hooks.ts'
import { isObject } from '../json/json.ts'
import { nearestName } from '../text/nearest.ts'
import { PLUGIN_API_VERSION } from './plugin.ts'
import type { KnownPlugin, PlainEndpoint, Plugin, ProviderPlugin } from './plugin.ts'
import { version } from '../version.ts'

/** A plugin that cannot be loaded or has the wrong shape. The message names it and the fault. */
export class PluginError extends Error {
  override readonly name = 'PluginError'
}

const functionSchema = z.custom<unknown>((value) => typeof value === 'function', 'must be a function')
const hooksSchema = z.record(
  z.string().refine((name) => HOOK_NAMES.includes(name)),
  functionSchema,
)
const ENDPOINTS: Record<PlainEndpoint, true> = {
  embeddings: true,
  completions: true,
  'images/generations': true,
  'images/edits': true,
  'audio/transcriptions': true,
  'audio/translations': true,
  'audio/speech': true,
  moderations: true,
  'gemini-embeddings': true,
  interactions: true,
  'held-interactions': true,
}
const endpointsSchema = z.record(
  z.string().refine((name) => Object.hasOwn(ENDPOINTS, name)),
  functionSchema,
)
const translatorSchema = z.union(
  [functionSchema, z.looseObject({ format: z.string().optional(), request: functionSchema, events: functionSchema })],
  'must be a translator ({ request, events }) or a function that picks one',
)
const modelSchema = z.union(
  [z.string().min(1), z.looseObject({ id: z.string().min(1), aliases: z.array(z.string().min(1)).optional() })],
  'must be an id or { id, aliases? }',
)
const authSchema = z
  .looseObject({
    kind: z.enum(['api_key', 'oauth']),
    label: z.string(),
    env: z.array(z.string()).optional(),
    login: functionSchema.optional(),
    refresh: functionSchema.optional(),
    identity: functionSchema.optional(),
    existing: functionSchema.optional(),
  })
  .refine(({ kind, login }) => kind === 'api_key' || login !== undefined, {
    path: ['login'],
    error: 'must be a function that signs in, for the kind `oauth`',
  })
const pathSchema = z.string().startsWith('/', 'must begin with a slash')
const pluginSchema = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]*$/, 'must be lower-case letters, digits and dashes'),
  title: z.string().min(1).optional(),
  apiVersion: z.number().optional(),
  models: z.array(modelSchema).optional(),
  auth: z
    .preprocess(
      (auth) => (isObject(auth) ? [auth] : auth),
      z.array(authSchema).min(1, 'must name at least one way to sign in'),
    )
    .optional(),
  executor: functionSchema.optional(),
  translator: translatorSchema.optional(),
  listModels: functionSchema.optional(),
  listsAll: z.boolean().optional(),
  countTokens: functionSchema.optional(),
  otherModels: z.array(z.string().min(1)).optional(),
  endpoints: endpointsSchema.optional(),
  instance: functionSchema.optional(),
  strategies: z.record(z.string(), functionSchema).optional(),
  hooks: hooksSchema.optional(),
  protocols: z
    .array(
      z.strictObject({
        path: pathSchema,
        protocol: z.looseObject({
          name: z.string().min(1),
          decode: functionSchema,
          encode: functionSchema,
          encoder: functionSchema,
          encodeError: functionSchema,
          encodeStreamError: functionSchema,
          inspectTail: functionSchema,
        }),
      }),
    )
    .optional(),
  routes: z
    .array(
      z.strictObject({
        path: pathSchema,
        method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']).optional(),
        access: z.enum(['client', 'admin', 'anyone']).optional(),
        handler: functionSchema,
      }),
    )
    .optional(),
  commands: z
    .record(
      z.string().regex(/^[a-z][a-z0-9-]*$/, 'must be lower-case letters, digits and dashes'),
      z.strictObject({ description: z.string(), args: z.looseObject({}).optional(), run: functionSchema }),
    )
    .optional(),
  stores: z.record(z.string().regex(/^[a-z][a-z0-9+.-]*$/, 'must be the scheme of a URL'), functionSchema).optional(),
  config: z.custom<unknown>((value) => value instanceof z.ZodObject, 'must be a z.object() of zod 4').optional(),
})

const PROVIDER_HALVES = ['models', 'auth', 'executor', 'translator'] as const

/** Whether it is a provider, and so has all that one is made of. */
export function isProvider(plugin: KnownPlugin): plugin is ProviderPlugin {
  return PROVIDER_HALVES.every((half) => plugin[half] !== undefined)
}

/** @throws {PluginError} unless these are handlers of hooks that there are. */
export function assertHooks(value: unknown, source: string): void {
  const { error } = hooksSchema.safeParse(value, { jitless: true })
  const [issue] = error?.issues ?? []
  if (!issue) return
  const at = ['hooks', ...issue.path].join('.')
  throw new PluginError(
    `${source} have a fault in \`${at}\`: ${issue.code === 'invalid_key' ? NO_SUCH_HOOK : issue.message}.`,
  )
}

const NO_SUCH_HOOK = `there is no such hook, only ${HOOK_NAMES.join(', ')}`
const NO_SUCH_ENDPOINT = `there is no such endpoint, only ${Object.keys(ENDPOINTS).join(', ')}`

/** @throws {PluginError} unless `value` is a plugin. */
export function assertPlugin(value: unknown, source: string): asserts value is Plugin {
  if (typeof value === 'function') {
    throw new PluginError(`${source} is a function, not a plugin. Call it, where it makes one: \`acme()\`.`)
  }
  if (value instanceof Promise) {
    throw new PluginError(`${source} is a promise, not a plugin. Wait for it: \`await acme()\`.`)
  }
  if (isObject(value) && 'default' in value && !('name' in value)) {
    throw new PluginError(`${source} is a module, not a plugin. Give what it exports: \`acme.default\`.`)
  }
  // First: a plugin of another version may have any shape.
  refuseOtherVersion(value, source)
  // Compiling the schema, which is zod's way, takes longer than a few plugins are worth.
  const parsed = parsedPlugin(value, source)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    const [unknown] = issue?.code === 'unrecognized_keys' ? issue.keys : []
    const path = [...(issue?.path ?? []), ...(unknown === undefined ? [] : [unknown])].join('.')
    const what = path === '' ? 'is not a plugin' : `has a fault in \`${path}\``
    const fault = issue && faultOf(issue)
    throw new PluginError(
      `${source}${nameOf(value)} ${what}: ${fault ?? 'unknown'}. A plugin is what definePlugin() returns.`,
    )
  }
  const plugin = parsed.data
  const given = PROVIDER_HALVES.filter((half) => plugin[half] !== undefined)
  const missing = PROVIDER_HALVES.filter((half) => plugin[half] === undefined)
  if (given.length > 0 && missing.length > 0) {
    throw new PluginError(
      `${source} "${plugin.name}" is a provider without ${missing.map((half) => `\`${half}\``).join(', ')}`,
    )
  }
}

/** @throws {PluginError} where a getter of its own fails. */
function parsedPlugin(value: unknown, source: string) {
  try {
    return pluginSchema.safeParse(value, { jitless: true })
  } catch (error) {
    throw new PluginError(`${source}${nameOf(value)} cannot be read: ${reasonOf(error)}`, { cause: error })
  }
}

function faultOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_key') {
    const [part] = issue.path
    return part === 'hooks' ? NO_SUCH_HOOK : part === 'endpoints' ? NO_SUCH_ENDPOINT : nameFaultOf(issue)
  }
  if (issue.code !== 'unrecognized_keys') return issue.message
  const [name = ''] = issue.keys
  const near = issue.path.length === 0 ? nearestName(name, Object.keys(pluginSchema.shape)) : undefined
  return `there is no such field${near === undefined ? '' : `, but \`${near}\``}`
}

/** zod itself says of a name that it is invalid, and no more. */
function nameFaultOf({ issues, message }: z.core.$ZodIssueInvalidKey): string {
  const [fault] = issues
  return fault ? `its name ${fault.message}` : message
}

function refuseOtherVersion(value: unknown, source: string): void {
  const made = typeof value === 'object' && value !== null && 'apiVersion' in value ? value.apiVersion : undefined
  if (made === undefined || made === PLUGIN_API_VERSION) return
  const what = `${source}${nameOf(value)} is made for version ${JSON.stringify(made)} of byok's plugin API`
  const update = typeof made === 'number' && made > PLUGIN_API_VERSION ? 'byok' : 'the plugin'
  throw new PluginError(`${what}; byok ${version} has version ${PLUGIN_API_VERSION}. Update ${update}.`)
}

/** What a faulty plugin calls itself, for errors; empty where it says nothing of that. */
export function nameOf(value: unknown): string {
  const name = typeof value === 'object' && value !== null && 'name' in value ? value.name : undefined
  return typeof name === 'string' ? ` ${JSON.stringify(name.slice(0, 100))}` : ''
}
