import { ConfigError } from '../config/problem.ts'
import type { ConfigProblem } from '../config/problem.ts'
import { isObject } from '../json/json.ts'
import type { Logger } from '../log/log.ts'
import type { TokenStore } from '../store/index.ts'

/** What {@link TokenStore} cannot do without; what is optional there is missing here. */
const STORE_METHODS = [
  'list',
  'get',
  'put',
  'update',
  'markNeedsLogin',
  'delete',
  'acquireLease',
  'releaseLease',
  'close',
] as const satisfies readonly (keyof TokenStore)[]

const LOGGER_METHODS = ['error', 'warn', 'info', 'debug'] as const satisfies readonly (keyof Logger)[]

/**
 * One in JavaScript may give the path of a config file, whose letters would be taken for keys; a number where a path is to be would
 * fail by words of Node's.
 *
 * @throws {ConfigError}
 */
export function assertOptions(options: unknown): void {
  const problems: ConfigProblem[] = []
  const refuse = (key: string, message: string) => problems.push({ source: 'createByok options', key, message })
  if (!isObject(options)) refuse('', 'expected an object; the path of a config file goes into `configFile`')
  else {
    const { cwd, configFile, env } = options
    for (const [key, path] of Object.entries({ cwd, configFile })) {
      if (path !== undefined && path !== null && typeof path !== 'string') refuse(key, 'expected a path, as text')
    }
    if (env !== undefined && env !== null && !isObject(env)) refuse('env', 'expected variables, such as `process.env`')
  }
  if (problems.length > 0) throw new ConfigError(problems)
}

/**
 * Looks at what only a program can give. One in JavaScript may give anything, such as another library's storage, which would else fail
 * at the first request that needs it; a text in the place of a list would be taken for its letters.
 *
 * @throws {ConfigError}
 */
export function assertGiven({ plugins, store, logger }: { plugins: unknown; store: unknown; logger: unknown }): void {
  const problems: ConfigProblem[] = []
  const refuse = (key: string, message: string) => problems.push({ source: 'createByok options', key, message })
  if (!Array.isArray(plugins)) refuse('plugins', 'expected a list of plugins, package names and paths')
  const lacks = storeLacks(store)
  if (lacks) {
    refuse('store', `expected a TokenStore, as openTokenStore() gives one; this has no ${lacks}`)
  }
  const loggerLacks = lacking(logger, LOGGER_METHODS)
  if (loggerLacks) refuse('logger', `expected a logger, such as \`console\`; this has no ${loggerLacks}`)
  if (problems.length > 0) throw new ConfigError(problems)
}

/** The methods of a {@link TokenStore} that something lacks, in words; `undefined` where it lacks none, or is not given. */
export function storeLacks(value: unknown): string | undefined {
  return lacking(value, STORE_METHODS)
}

/** The methods that something given lacks, in words; `undefined` where it lacks none, or is not given. A logger may be a function, too. */
function lacking(value: unknown, methods: readonly string[]): string | undefined {
  if (value === undefined || value === null) return undefined
  const has = (name: string) =>
    (typeof value === 'function' || isObject(value)) && typeof Reflect.get(value, name) === 'function'
  const missing = methods.filter((name) => !has(name))
  return missing.length > 0 ? missing.map((name) => `${name}()`).join(', ') : undefined
}
