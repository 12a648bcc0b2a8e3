import type { CommandNode } from './command-tree.ts'
import type { Shell } from './completion-shells.ts'
import { FILE_OPTIONS } from './completion-values.ts'
import type { CompletionValues } from './completion-values.ts'

/** A script that completes byok's commands, options and their values, for a shell to read. */
export function completionScript(shell: Shell, root: CommandNode, values: CompletionValues): string {
  switch (shell) {
    case 'bash':
      return bash(root, values)
    case 'zsh':
      return zsh(root, values)
    case 'fish':
      return fish(root, values)
  }
}

/** Each command with the words that lead to it, without `byok`. */
function paths(node: CommandNode, before: string[] = []): { path: string[]; node: CommandNode }[] {
  return [{ path: before, node }, ...node.commands.flatMap((child) => paths(child, [...before, child.name]))]
}

function argumentsOf(path: string[], known: CompletionValues): readonly string[] {
  return known.arguments[path.join(' ')] ?? []
}

function bash(root: CommandNode, known: CompletionValues): string {
  const all = paths(root)
  const words = all.map(({ path, node: { commands, options } }) => {
    const flags = options.flatMap(({ flag, short }) => (short === undefined ? [flag] : [flag, short]))
    const all = [...commands.map(({ name }) => name), ...argumentsOf(path, known), ...flags, '--help']
    return `    '${path.join(' ')}') words='${all.join(' ')}' ;;`
  })
  const values = [...new Set(all.flatMap(({ node }) => node.options.filter(({ takesValue }) => takesValue)))]
  const flagsOf = (wanted: (flag: string) => boolean) => [
    ...new Set(
      values
        .filter(({ flag }) => wanted(flag))
        .flatMap(({ flag, short }) => (short === undefined ? [flag] : [flag, short])),
    ),
  ]
  const cases = [
    `    ${flagsOf((flag) => FILE_OPTIONS.includes(flag)).join('|')}) COMPREPLY=($(compgen -f -- "$current")); return ;;`,
    ...Object.entries(known.options).map(
      ([flag, words]) => `    ${flag}) COMPREPLY=($(compgen -W '${words.join(' ')}' -- "$current")); return ;;`,
    ),
    // What else they take is not known here.
    `    ${flagsOf((flag) => !FILE_OPTIONS.includes(flag) && !(flag in known.options)).join('|')}) return ;;`,
  ]
  const steps = all.filter(({ path }) => path.length > 0).map(({ path }) => `'${path.join(' ')}'`)
  return `# byok's completion for bash. Put \`source <(byok completions bash)\` into ~/.bashrc.
_byok() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} path='' word words=''
  case $previous in
${cases.join('\n')}
  esac
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "\${path:+$path }$word" in
      ${steps.join('|')}) path="\${path:+$path }$word" ;;
    esac
  done
  case $path in
${words.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -F _byok byok
`
}

function zsh(root: CommandNode, known: CompletionValues): string {
  const functions = paths(root).map(({ path, node }) => {
    const name = ['_byok', ...path].join('_')
    const options = node.options.flatMap(({ flag, short, description, takesValue }) =>
      [flag, ...(short === undefined ? [] : [short])].map(
        (word) =>
          `'${word}[${zshText(description)}]${takesValue ? `:${flag.slice(2)}:${zshValues(flag, known)}` : ''}'`,
      ),
    )
    const first = argumentsOf(path, known)
    const words = node.takesWords ? [`'1: :${first.length === 0 ? ' ' : `(${first.join(' ')})`}'`, "'*: : '"] : []
    const commands = node.commands.map((child) => `'${child.name}:${zshText(child.description)}'`)
    const cases = node.commands.map((child) => `      ${child.name}) ${name}_${child.name} ;;`)
    const body =
      commands.length === 0
        ? `  _arguments '--help[Show help]' ${[...options, ...words].join(' ')}`
        : `  local state line
  local -a commands=(${commands.join(' ')})
  _arguments -C '--help[Show help]' ${[...options, "'1: :->command'", "'*:: :->rest'"].join(' ')}
  case $state in
    command) _describe command commands ;;
    rest) case $line[1] in
${cases.join('\n')}
    esac ;;
  esac`
    return `${name}() {\n${body}\n}`
  })
  // A file of $fpath is the function's own body the first time; sourced, it only registers.
  return `#compdef byok
# byok's completion for zsh. Put it into a folder of $fpath as _byok, or \`source <(byok completions zsh)\` after compinit.
${functions.join('\n')}
if [ "$funcstack[1]" = _byok ]; then _byok "$@"; else compdef _byok byok; fi
`
}

function fish(root: CommandNode, known: CompletionValues): string {
  const lines = paths(root).flatMap(({ path, node }) => {
    const names = node.commands.map(({ name }) => name).join(' ')
    const seen = path.map((word) => `__fish_seen_subcommand_from ${word}`)
    const none = names === '' ? [] : [`not __fish_seen_subcommand_from ${names}`]
    const here = [...seen, ...none].join('; and ')
    const commands = node.commands.map(
      (child) => `complete -c byok -f -n '${here}' -a ${child.name} -d '${fishText(child.description)}'`,
    )
    const first = argumentsOf(path, known)
    const words = first.length === 0 ? [] : [`complete -c byok -f -n '${here}' -a '${first.join(' ')}'`]
    const options = node.options.map(
      ({ flag, short, description, takesValue }) =>
        `complete -c byok -n '${here}' -l ${flag.slice(2)}${short === undefined ? '' : ` -s ${short.slice(1)}`}${takesValue ? fishValues(flag, known) : ''} -d '${fishText(description)}'`,
    )
    return [...commands, ...words, ...options]
  })
  return `# byok's completion for fish. Write it to ~/.config/fish/completions/byok.fish.\ncomplete -c byok -l help -d 'Show help'\n${lines.join('\n')}\n`
}

function zshValues(flag: string, { options }: CompletionValues): string {
  if (FILE_OPTIONS.includes(flag)) return '_files'
  const known = options[flag]
  return known ? `(${known.join(' ')})` : ' '
}

/** `-r`: a file; `-x`: no file. */
function fishValues(flag: string, { options }: CompletionValues): string {
  if (FILE_OPTIONS.includes(flag)) return ' -r'
  const known = options[flag]
  return known ? ` -x -a '${known.join(' ')}'` : ' -x'
}

function zshText(text: string): string {
  // `_arguments`' own signs first: a backslash that the shell's quoting adds is none of them.
  return text.replace(/[[\]:\\]/g, '\\$&').replaceAll("'", "'\\''")
}

function fishText(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")
}
