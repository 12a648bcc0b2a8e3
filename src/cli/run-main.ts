import { stripVTControlCharacters } from 'node:util'
import { renderUsage, runCommand } from 'citty'
import type { CommandDef } from 'citty'
import { coloured } from '../core/log/color.ts'
import { version } from '../core/version.ts'
import type { CommandNode } from './command-tree.ts'
import { findCommand } from './find-command.ts'
import type { Found } from './find-command.ts'
import { printJsonFault, printJsonWarning } from './json.ts'

/**
 * Runs what a command line says. citty's `runMain` ends with 1 where the command line is wrong, and writes its help to standard
 * output then, where whoever reads that takes it for the answer.
 */
export async function runCommandLine(own: CommandDef, argv: readonly string[]): Promise<void> {
  const [first, ...more] = argv
  if (argv.length === 1 && (first === '--version' || first === '-v' || first === '-V')) {
    console.log(version)
    return
  }
  const words = first === 'help' ? [...more, '--help'] : argv
  const json = words.includes('--json')
  const notes: string[] = []
  const found = await findOwnOrPlugins(own, words, (note) => notes.push(note))
  const { unknown, command, path, rest } = found
  if (unknown !== undefined) return tellUsage([await unknownCommand(found, unknown), ...notes].join(' '), json)
  for (const note of notes) {
    if (json) printJsonWarning(note)
    else process.stderr.write(`byok: ${note}\n`)
  }
  if (asksForHelp(rest) || first === undefined) {
    if (first === undefined) process.exitCode = 2
    return await showUsage(found)
  }
  if (found.names.length > 0) return tellUsage(`${await noCommand(found)}. ${seeHelp(path)}`, json)
  const tellUnsettled = (code: number) => {
    // Node notes it among the listeners, and hands on what there was before.
    if (code === UNSETTLED || process.exitCode === UNSETTLED) endUnsettled(json)
  }
  process.once('exit', tellUnsettled)
  try {
    await runCommand(command, { rawArgs: rest, data: path })
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'CLIError') throw error
    const said = stripVTControlCharacters(error.message).replace(/\.$/, '')
    tellUsage(`${said.charAt(0).toLowerCase()}${said.slice(1)}. ${seeHelp(path)}`, json)
  } finally {
    process.off('exit', tellUnsettled)
  }
}

/** Node's exit code where nothing is left to wait for but a promise, as of a plugin's command or login that never ends. */
const UNSETTLED = 13

function endUnsettled(json: boolean): void {
  const message = 'it ended before it was done: what it waited for, such as a promise of a plugin, can no longer come.'
  if (json) printJsonFault({ type: 'failed', message })
  else process.stderr.write(`byok: ${message}\n`)
  process.exitCode = 1
}

/** Options are for a command to take: one that none of them has is what is wrong. */
async function noCommand({ command, rest: [first = ''] }: Found): Promise<string> {
  const flag = /^(-[^-=]|--[^=]+)/.exec(first)?.[0]
  if (flag === undefined) return 'no command specified'
  const { commandTree } = await import('./command-tree.ts')
  return takesOption(await commandTree(command), flag) ? 'no command specified' : `unknown option ${flag}`
}

function takesOption({ options, commands }: CommandNode, wanted: string): boolean {
  return (
    options.some(({ flag, short }) => flag === wanted || short === wanted) ||
    commands.some((child) => takesOption(child, wanted))
  )
}

/** Where to read what there is. */
function seeHelp(path: readonly string[]): string {
  return `See ${path.join(' ')} --help.`
}

/** What a line names. One of byok's own commands, which most are, needs to know of no plugin's. */
async function findOwnOrPlugins(
  own: CommandDef,
  argv: readonly string[],
  note: (text: string) => void,
): Promise<Found> {
  const found = await findCommand(own, argv)
  if (found.path.length > 1) return found
  const { withPluginCommands } = await import('./plugin-commands.ts')
  return await findCommand(await withPluginCommands(own, argv, note), argv)
}

function asksForHelp(words: readonly string[]): boolean {
  const end = words.indexOf('--')
  return words.slice(0, end === -1 ? undefined : end).some((word) => word === '--help' || word === '-h')
}

async function unknownCommand({ path, names }: Found, word: string): Promise<string> {
  const [{ didYouMean }, { nearestOf }] = await Promise.all([import('../core/text/nearest.ts'), import('./no-such.ts')])
  const near = nearestOf(word, names)
  return `unknown command ${word}. ${near === undefined ? seeHelp(path) : didYouMean(near)}`
}

function tellUsage(message: string, json: boolean): void {
  if (json) printJsonFault({ type: 'usage', message })
  else process.stderr.write(`byok: ${message}\n`)
  process.exitCode = 2
}

/** citty colours its help for files and pipes too, and knows no other `NO_COLOR` than 1. */
async function showUsage({ command, path }: Found): Promise<void> {
  const before = path.slice(0, -1)
  const parent = before.length === 0 ? undefined : { meta: { name: before.join(' '), version } }
  const text = await renderUsage(command, parent)
  console.log(`${coloured(process.stdout, process.env) ? text : stripVTControlCharacters(text)}\n`)
}
