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
    if (names.length === 0) return found
    const { at, word } = commandIn(rest, names)
    if (word === undefined) return found
    const next = at === -1 ? undefined : await resolved(subCommands[word])
    if (!next) return { ...found, unknown: word }
    rest.splice(at, 1)
    path.push(word)
    command = next
  }
}

/** Where the name of a command stands. A word that is none may be the value of the option before it: `byok --port 8080 serve`. */
function commandIn(words: readonly string[], names: readonly string[]): { at: number; word?: string } {
  let unknown: string | undefined
  for (const [at, word] of words.entries()) {
    // What follows `--` is for the command.
    if (word === '--') break
    if (word.startsWith('-')) continue
    if (names.includes(word)) return { at, word }
    unknown ??= word
    const before = words[at - 1] ?? ''
    if (!before.startsWith('-') || before.includes('=')) break
  }
  return { at: -1, ...(unknown !== undefined && { word: unknown }) }
}

/** What may be given as it is, or as a function that makes it. */
export async function resolved<T>(value: Resolvable<T> | undefined): Promise<T | undefined> {
  return await (typeof value === 'function' ? (value as () => T | Promise<T>)() : value)
}
