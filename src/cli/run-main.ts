import { stripVTControlCharacters } from 'node:util'
import { renderUsage, runCommand, runMain } from 'citty'
import type { ArgsDef, CommandDef } from 'citty'
import { coloured } from '../core/color.ts'
import { printJsonFault } from './json.ts'

/**
 * Runs what a command line says. citty's `runMain` ends with 1 where the command line is wrong, and writes its help to standard
 * output then, where whoever reads that takes it for the answer.
 */
export async function runCommandLine(main: CommandDef, argv: string[]): Promise<void> {
  const [first] = argv
  const asksForHelp = argv.some((word) => word === '--help' || word === '-h')
  const asksForVersion = argv.length === 1 && (first === '--version' || first === '-v')
  if (asksForHelp || asksForVersion) return await runMain(main, { rawArgs: argv, showUsage })
  if (first === undefined) {
    await showUsage(main)
    process.exitCode = 2
    return
  }
  try {
    await runCommand(main, { rawArgs: argv })
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'CLIError') throw error
    const message = await faultOf(error.message, main, argv)
    if (argv.includes('--json')) printJsonFault({ type: 'usage', message })
    else process.stderr.write(`byok: ${message}\n`)
    process.exitCode = 2
  }
}

/** citty colours its help for files and pipes too, and knows no other `NO_COLOR` than 1. */
async function showUsage<T extends ArgsDef>(command: CommandDef<T>, parent?: CommandDef<T>): Promise<void> {
  const text = await renderUsage(command, parent)
  console.log(`${coloured(process.stdout, process.env) ? text : stripVTControlCharacters(text)}\n`)
}

async function faultOf(message: string, { subCommands }: CommandDef, argv: string[]): Promise<string> {
  const [command = ''] = argv.filter((word) => !word.startsWith('-'))
  const names = typeof subCommands === 'object' && !(subCommands instanceof Promise) ? Object.keys(subCommands) : []
  const said = stripVTControlCharacters(message).replace(/\.$/, '')
  const text = said.charAt(0).toLowerCase() + said.slice(1)
  if (names.includes(command)) return `${text}. See byok ${command} --help.`
  const { didYouMean, nearestName } = await import('../core/nearest.ts')
  const near = nearestName(command, names)
  return `${text}. ${near === undefined ? 'See byok --help.' : didYouMean(near)}`
}
