import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { defineCommand } from 'citty'
import { configFiles, isThere } from '../core/config/layers.ts'
import { expandHome } from '../core/home.ts'
import { configJsonSchema, ConfigError } from '../core/config/index.ts'
import { schemaFor } from '../core/config/provider-schema.ts'
import { configKeys } from '../core/config/reference.ts'
import type { ConfigKey } from '../core/config/reference.ts'
import type { Byok } from '../core/byok.ts'
import { didYouMean, nearestName } from '../core/text/nearest.ts'
import { silentLogger } from '../core/log/log.ts'
import { locationOf, openAt } from '../core/store/configured.ts'
import { createStandInStore } from '../core/store/index.ts'
import { runCommandBody, UsageError } from './command.ts'
import { jsonArg, printJson } from './json.ts'
import { settingsOf } from '../core/config/settings.ts'
import type { Setting } from '../core/config/settings.ts'
import { CONFIG_TEMPLATE } from '../core/config/template.ts'
import { sayer } from './say.ts'
import { configArgs, filesOf, logArgs, withByok } from './with-byok.ts'

const path = defineCommand({
  meta: { name: 'path', description: 'Show which files are read, the last outranking the others' },
  args: { ...configArgs, json: jsonArg },
  run: (context) =>
    runCommandBody(context, async (args) => {
      const files = configFiles({ cwd: process.cwd(), env: process.env, configFile: args.config })
      const rows = await Promise.all(files.map(async (file) => ({ path: file.path, exists: await isThere(file.path) })))
      if (args.json) printJson(rows)
      else for (const row of rows) process.stdout.write(`${row.path}${row.exists ? '' : ' (not there)'}\n`)
    }),
})

const show = defineCommand({
  meta: { name: 'show', description: 'Show every setting that counts, and where it is from; secrets are hidden' },
  args: {
    key: {
      type: 'positional',
      required: false,
      description: 'Only this one and those below, such as providers.claude',
    },
    ...configArgs,
    all: { type: 'boolean', default: false, description: 'Those at their default too' },
    json: jsonArg,
  },
  run: (context) =>
    runCommandBody(context, async (args) => {
      // The logins need not be there to be looked at.
      const store = createStandInStore()
      const { key } = args
      const wanted = await withByok(filesOf(args), async (byok) => settingsBelow(byok, key), { store })
      const shown = wanted.filter(({ source }) => args.all || key !== undefined || source !== 'default')
      if (args.json) printJson(shown)
      else if (shown.length === 0 && key !== undefined) process.stdout.write(`${key} is not set.\n`)
      else if (shown.length === 0)
        process.stdout.write('Everything is at its default. `byok config show --all` lists it.\n')
      else process.stdout.write(linesOf(shown))
    }),
})

const validate = defineCommand({
  meta: { name: 'validate', description: 'Check the config without starting anything' },
  args: { ...configArgs, json: jsonArg },
  run: (context) =>
    runCommandBody(context, async (args) => {
      try {
        const store = createStandInStore()
        // Warnings are part of the answer here, not of the log.
        const check = async ({ config, registry, sources, warnings }: Byok) => {
          await openAt('db', sources, () => locationOf(config, registry.plugins, process.env).check())
          return warnings
        }
        const warnings = await withByok(filesOf(args), check, { store, logger: silentLogger })
        if (args.json) printJson({ valid: true, problems: [], warnings })
        else process.stdout.write(`${[...warnings, 'The config is valid.'].join('\n')}\n`)
      } catch (error) {
        if (!args.json || !(error instanceof ConfigError)) throw error
        printJson({ valid: false, problems: error.problems, warnings: [] })
        process.exitCode = 2
      }
    }),
})

const keys = defineCommand({
  meta: {
    name: 'keys',
    description: "List every key there may be, plugins' own among them, with type, default and meaning",
  },
  args: { ...configArgs, json: jsonArg },
  run: (context) =>
    runCommandBody(context, async (args) => {
      const known = await withByok(args, async ({ registry }) => configKeys(schemaFor(registry.plugins)), {
        store: createStandInStore(),
      })
      if (args.json) printJson(known)
      else process.stdout.write(known.map(lineOfKey).join(''))
    }),
})

const schema = defineCommand({
  meta: { name: 'schema', description: "Print the config's JSON Schema, plugins' own keys in it, for editors" },
  // It is JSON in any case.
  args: { ...configArgs, json: jsonArg },
  run: (context) =>
    runCommandBody(context, async (args) => {
      const store = createStandInStore()
      const shown = await withByok(args, async ({ registry }) => configJsonSchema(registry.plugins), { store })
      printJson(shown)
    }),
})

const init = defineCommand({
  meta: { name: 'init', description: 'Write a config file to begin with' },
  args: {
    config: { type: 'string', alias: 'c', valueHint: 'FILE', description: 'Where (default: ~/.byok/config.yaml)' },
    force: { type: 'boolean', default: false, description: 'Replace a file that is there' },
    ...logArgs,
    json: jsonArg,
  },
  run: (context) =>
    runCommandBody(context, async (args) => {
      const file = resolve(expandHome(args.config ?? '~/.byok/config.yaml', process.env['HOME']))
      const replaced = await isThere(file)
      if (!args.force && replaced) {
        throw new UsageError(`${file} is there already; it was left as it is. --force replaces it.`)
      }
      // A file that may come to hold keys is for its owner alone.
      await mkdir(dirname(file), { recursive: true, mode: 0o700 })
      await writeFile(file, CONFIG_TEMPLATE, { mode: 0o600 })
      await chmod(file, 0o600)
      if (args.json) printJson({ path: file, replaced })
      sayer(args)(`${file} is written. Edit it, then run \`byok config validate\`.\n`)
    }),
})

export default defineCommand({
  meta: { name: 'config', description: 'Look at the config, check it, or begin one' },
  subCommands: { path, show, validate, keys, schema, init },
})

/**
 * Every setting, or `wanted` and those below it; none where it is not set.
 * @throws {UsageError} where there is no such key.
 */
function settingsBelow(byok: Byok, wanted: string | undefined): Setting[] {
  const settings = settingsOf(byok)
  if (wanted === undefined) return settings
  const found = settings.filter((setting) => isBelow(setting.key, wanted))
  if (found.length > 0) return found
  const known = [...settings, ...configKeys(schemaFor(byok.registry.plugins))].flatMap(({ key }) => partsOf(key))
  if (known.includes(wanted)) return []
  const near = nearestName(wanted, new Set(known))
  const hint = near === undefined ? '`byok config keys` lists what there is.' : didYouMean(near)
  throw new UsageError(`there is no setting ${JSON.stringify(wanted)}. ${hint}`)
}

/** A key and those it is below, but no stand-in for a name. */
function partsOf(key: string): string[] {
  const parts = key.split('.')
  return parts.map((_, index) => parts.slice(0, index + 1).join('.')).filter((part) => !part.includes('<'))
}

function isBelow(key: string, wanted: string): boolean {
  return key === wanted || key.startsWith(`${wanted}.`) || key.startsWith(`${wanted}[`)
}

function linesOf(settings: Setting[]): string {
  const rows = settings.map(({ key, value, source }) => [`${key}: ${textOf(value)}`, source] as const)
  const width = Math.min(70, Math.max(...rows.map(([text]) => text.length)))
  return rows.map(([text, source]) => `${text.padEnd(width)}  # ${source}\n`).join('')
}

function lineOfKey({ key, type, default: value, description }: ConfigKey): string {
  return `${key} (${type}${value === undefined ? '' : `, default ${value}`})\n    ${description}\n`
}

function textOf(value: unknown): string {
  return typeof value === 'string' && /^[\w./~:@[\]*-]+$/.test(value) ? value : JSON.stringify(value)
}
