import { chmod, mkdir, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { defineCommand } from 'citty'
import { codeOf } from '../core/log/fault.ts'
import { expandHome, homeFolder } from '../core/home.ts'
import { runCommandBody, UsageError } from './command.ts'
import { jsonArg, printJson } from './json.ts'
import { cacheNote, lastingPath, MANAGERS } from './service-files.ts'
import type { ServiceFile } from './service-files.ts'
import { sayer } from './say.ts'
import { logArgs } from './with-byok.ts'

const sharedArgs = {
  home: { type: 'string', valueHint: 'FOLDER', description: 'Whose service it is (default: your home folder)' },
  manager: { type: 'string', valueHint: 'NAME', description: "systemd or launchd (default: this system's)" },
  ...logArgs,
  json: jsonArg,
} as const

const install = defineCommand({
  meta: {
    name: 'install',
    description: 'Write the file that lets your system run `byok serve`, and say how to start it',
  },
  args: {
    ...sharedArgs,
    config: { type: 'string', alias: 'c', valueHint: 'FILE', description: 'The config file the service reads besides' },
    port: { type: 'string', alias: 'p', valueHint: 'PORT', description: 'Port to listen on (default: 8018)' },
    print: { type: 'boolean', default: false, description: 'Only show the file' },
  },
  run: (context) =>
    runCommandBody(context, async (args) => {
      const serve = ['serve', ...(await configOf(args.config)), ...portOf(args.port)]
      const own = await ownCommand()
      const cache = cacheNote(own.at(-1) ?? '')
      const file = fileOf(args, [...own, ...serve])
      const { path, content, logs } = file
      const notes = [
        ...(cache === undefined ? [] : [cache]),
        ...file.notes,
        "It does not see your shell's variables, but for those of proxies as they are now: keys belong into ~/.byok/config.yaml.",
      ]
      if (args.print) {
        if (args.json) printJson({ path, result: 'shown', content, start: file.start, logs, notes })
        else process.stdout.write(content)
        return
      }
      const before = await readFile(path, 'utf8').catch(() => undefined)
      const result = before === undefined ? 'written' : before === content ? 'unchanged' : 'replaced'
      const start = result === 'replaced' ? file.restart : file.start
      await mkdir(dirname(path), { recursive: true })
      if (result !== 'unchanged') {
        await writeFile(path, content, { mode: OWN })
        // A proxy's address may hold a password.
        await chmod(path, OWN)
      }
      if (args.json) printJson({ path, result, content, start, logs, notes })
      if (args.verbose && !args.json) process.stderr.write(content)
      sayer(args)(
        `${path} ${DONE[result]}. Start it with\n\n${indented(start)}\n\nand read its log with\n\n${indented([logs])}\n\n` +
          `${notes.join('\n')}\n`,
      )
    }),
})

const remove = defineCommand({
  meta: { name: 'remove', description: 'Remove that file again' },
  args: sharedArgs,
  run: (context) =>
    runCommandBody(context, async (args) => {
      const { path, links, stop } = fileOf(args, [])
      const removed = await removeFile(path)
      for (const link of links) await removeFile(link)
      if (args.json) printJson({ path, removed, stop })
      const say = sayer(args)
      if (removed) say(`${path} is removed. If it still runs, stop it with\n\n${indented(stop)}\n`)
      else say(`There is no service: ${path} is not there.\n`)
    }),
})

export default defineCommand({
  meta: { name: 'service', description: 'Have your system run `byok serve` in the background' },
  subCommands: { install, remove },
})

/** For its owner alone. */
const OWN = 0o600

const DONE = { written: 'is written', unchanged: 'was there already', replaced: 'is replaced' }

/** @throws {UsageError} where there is no such file, without which the service would not start. */
async function configOf(config: string | undefined): Promise<string[]> {
  if (config === undefined) return []
  const file = resolve(expandHome(config, process.env['HOME']))
  const found = await stat(file).catch(() => undefined)
  if (!found?.isFile()) throw new UsageError(`there is no file ${file}, which --config names.`)
  return ['-c', file]
}

function portOf(port: string | undefined): string[] {
  if (port === undefined) return []
  if (!/^\d+$/.test(port) || Number(port) > 65_535) throw new UsageError('--port takes a number up to 65535.')
  return ['-p', port]
}

/** Whether there was such a file. */
async function removeFile(path: string): Promise<boolean> {
  try {
    await rm(path)
    return true
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false
    throw error
  }
}

/** @throws {UsageError} on a system that has neither. */
function fileOf(args: { home?: string | undefined; manager?: string | undefined }, command: string[]): ServiceFile {
  const usual = { linux: 'systemd', darwin: 'launchd' }[process.platform as string]
  const name = args.manager ?? usual
  if (!isManager(name)) {
    throw new UsageError('byok knows the services of systemd and launchd. Name one with --manager.')
  }
  const home = args.home === undefined ? homeFolder(process.env['HOME']) : resolve(args.home)
  // A home that is named is another's: what this one's environment says of folders does not count there.
  const env = args.home === undefined ? process.env : {}
  return MANAGERS[name]({ home, command, env })
}

function isManager(name: string | undefined): name is keyof typeof MANAGERS {
  return name !== undefined && Object.hasOwn(MANAGERS, name)
}

/** How this program was started, so that it starts in the same way again. */
async function ownCommand(): Promise<string[]> {
  const [, script = ''] = process.argv
  return [await lastingPath(process.execPath), ...process.execArgv, await lastingPath(await realpath(script))]
}

function indented(lines: string[]): string {
  return lines.map((line) => `  ${line}`).join('\n')
}
