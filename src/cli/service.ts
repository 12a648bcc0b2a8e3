import { mkdir, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, resolve } from 'node:path'
import { defineCommand } from 'citty'
import { expandHome } from '../core/config/layers.ts'
import { runCommandBody, UsageError } from './command.ts'
import { jsonArg, printJson } from './json.ts'
import { launchdAgent, systemdUnit } from './service-files.ts'
import type { ServiceFile } from './service-files.ts'

const MANAGERS = { systemd: systemdUnit, launchd: launchdAgent }

const sharedArgs = {
  home: { type: 'string', valueHint: 'FOLDER', description: 'Whose service it is (default: your home folder)' },
  manager: { type: 'string', valueHint: 'NAME', description: "systemd or launchd (default: this system's)" },
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
    runCommandBody(context, async () => {
      const { args } = context
      if (args.port !== undefined && !/^\d+$/.test(args.port)) throw new UsageError('--port takes a number.')
      const serve = [
        'serve',
        ...(args.config === undefined ? [] : ['-c', resolve(expandHome(args.config, process.env['HOME']))]),
        ...(args.port === undefined ? [] : ['-p', args.port]),
      ]
      const file = fileOf(args, [...(await ownCommand()), ...serve])
      if (args.print) {
        process.stdout.write(file.content)
        return
      }
      const before = await readFile(file.path, 'utf8').catch(() => undefined)
      await mkdir(dirname(file.path), { recursive: true })
      await writeFile(file.path, file.content)
      const { path, start, logs } = file
      if (args.json) printJson({ path, start, logs })
      else {
        const done = before === file.content ? 'was there already' : before === undefined ? 'is written' : 'is replaced'
        process.stdout.write(
          `${path} ${done}. Start it with\n\n${indented(start)}\n\nand read its log with\n\n${indented([logs])}\n\n` +
            "It does not see your shell's variables: keys belong into ~/.byok/config.yaml, logins it has.\n",
        )
      }
    }),
})

const uninstall = defineCommand({
  meta: { name: 'uninstall', description: 'Remove that file again' },
  args: sharedArgs,
  run: (context) =>
    runCommandBody(context, async () => {
      const { args } = context
      const { path, stop } = fileOf(args, [])
      const removed = await rm(path).then(
        () => true,
        (error: unknown) => {
          if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false
          throw error
        },
      )
      if (args.json) printJson({ path, removed, stop })
      else if (!removed) process.stdout.write(`There is no service: ${path} is not there.\n`)
      else process.stdout.write(`${path} is removed. If it still runs, stop it with\n\n${indented(stop)}\n`)
    }),
})

export default defineCommand({
  meta: { name: 'service', description: 'Have your system run `byok serve` in the background' },
  subCommands: { install, uninstall, remove: uninstall },
})

/** @throws {UsageError} on a system that has neither. */
function fileOf(args: { home?: string | undefined; manager?: string | undefined }, command: string[]): ServiceFile {
  const usual = { linux: 'systemd', darwin: 'launchd' }[process.platform as string]
  const name = args.manager ?? usual
  if (name !== 'systemd' && name !== 'launchd') {
    throw new UsageError('byok knows the services of systemd and launchd. Name one with --manager.')
  }
  const home = args.home === undefined ? process.env['HOME'] || homedir() : resolve(args.home)
  // A home that is named is another's: what this one's environment says of folders does not count there.
  const env = args.home === undefined ? process.env : {}
  return MANAGERS[name]({ home, command, env })
}

/** How this program was started, so that it starts in the same way again. */
async function ownCommand(): Promise<string[]> {
  const [, script = ''] = process.argv
  return [process.execPath, ...process.execArgv, await realpath(script)]
}

function indented(lines: string[]): string {
  return lines.map((line) => `  ${line}`).join('\n')
}
