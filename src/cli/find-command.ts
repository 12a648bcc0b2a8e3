import type { CommandDef, Resolvable } from 'citty'

/** The command that a line names, as far as it names one there is. */
export interface Found {
  command: CommandDef
  /** The words that lead to it, `byok` first. */
  path: string[]
  /** What is left for it: its options and arguments. */
  rest: string[]
  /** What it can be followed by; none where it is no group of commands. */
  names: string[]
  /** The word that follows, where it is none of them. */
  unknown?: string
}

/** Options that stand before a command are that command's, as if they came after it. */
export async function findCommand(main: CommandDef, argv: readonly string[]): Promise<Found> {
  let command = main
  const path = ['byok']
  const rest = [...argv]
  for (;;) {
    const subCommands = (await resolved(command.subCommands)) ?? {}
    const names = Object.keys(subCommands)
    const found = { command, path, rest, names }
    // What follows `--` is for the command.
    const at = rest.findIndex((word) => word === '--' || !word.startsWith('-'))
    const word = rest[at]
    if (names.length === 0 || word === undefined || word === '--') return found
    const next = Object.hasOwn(subCommands, word) ? await resolved(subCommands[word]) : undefined
    if (!next) return { ...found, unknown: word }
    rest.splice(at, 1)
    path.push(word)
    command = next
  }
}

/** What may be given as it is, or as a function that makes it. */
export async function resolved<T>(value: Resolvable<T> | undefined): Promise<T | undefined> {
  return await (typeof value === 'function' ? (value as () => T | Promise<T>)() : value)
}
