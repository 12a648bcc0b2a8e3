import type { CommandNode } from './command-tree.ts'

export const SHELLS = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof SHELLS)[number]

/** A script that completes byok's commands and options, for a shell to read. */
export function completionScript(shell: Shell, root: CommandNode): string {
  switch (shell) {
    case 'bash':
      return bash(root)
    case 'zsh':
      return zsh(root)
    case 'fish':
      return fish(root)
  }
}

/** Each command with the words that lead to it, without `byok`. */
function paths(node: CommandNode, before: string[] = []): { path: string[]; node: CommandNode }[] {
  return [{ path: before, node }, ...node.commands.flatMap((child) => paths(child, [...before, child.name]))]
}

function wordsOf({ commands, options }: CommandNode): string[] {
  return [
    ...commands.map(({ name }) => name),
    ...options.flatMap(({ flag, short }) => (short === undefined ? [flag] : [flag, short])),
    '--help',
  ]
}

function bash(root: CommandNode): string {
  const cases = paths(root).map(({ path, node }) => `    '${path.join(' ')}') words='${wordsOf(node).join(' ')}' ;;`)
  const files = valueFlags(root, ['--config', '--db', '--home'])
  return `# byok's completion for bash. Put \`source <(byok completions bash)\` into ~/.bashrc.
_byok() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} path='' word words=''
  case $previous in
    ${files.join('|')}) COMPREPLY=($(compgen -f -- "$current")); return ;;
  esac
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "\${path:+$path }$word" in
      ${paths(root)
        .filter(({ path }) => path.length > 0)
        .map(({ path }) => `'${path.join(' ')}'`)
        .join('|')}) path="\${path:+$path }$word" ;;
    esac
  done
  case $path in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -F _byok byok
`
}

function zsh(root: CommandNode): string {
  const functions = paths(root).map(({ path, node }) => {
    const name = ['_byok', ...path].join('_')
    const options = node.options.flatMap(({ flag, short, description, takesValue }) =>
      [flag, ...(short === undefined ? [] : [short])].map(
        (word) => `'${word}[${zshText(description)}]${takesValue ? `:${flag.slice(2)}:${valueOf(flag)}` : ''}'`,
      ),
    )
    const commands = node.commands.map((child) => `'${child.name}:${zshText(child.description)}'`)
    const cases = node.commands.map((child) => `      ${child.name}) ${name}_${child.name} ;;`)
    const body =
      commands.length === 0
        ? `  _arguments '--help[Show help]' ${[...options, "'*: :'"].join(' ')}`
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
  return `#compdef byok
# byok's completion for zsh. Put it into a folder of $fpath as _byok, or \`source <(byok completions zsh)\` after compinit.
${functions.join('\n')}
compdef _byok byok
`
}

function fish(root: CommandNode): string {
  const lines = paths(root).flatMap(({ path, node }) => {
    const names = node.commands.map(({ name }) => name).join(' ')
    const seen = path.map((word) => `__fish_seen_subcommand_from ${word}`)
    const none = names === '' ? [] : [`not __fish_seen_subcommand_from ${names}`]
    const here = [...seen, ...none].join('; and ')
    const commands = node.commands.map(
      (child) => `complete -c byok -f -n '${here}' -a ${child.name} -d '${fishText(child.description)}'`,
    )
    const options = node.options.map(
      ({ flag, short, description, takesValue }) =>
        `complete -c byok -n '${here}' -l ${flag.slice(2)}${short === undefined ? '' : ` -s ${short.slice(1)}`}${takesValue ? ' -r' : ''} -d '${fishText(description)}'`,
    )
    return [...commands, ...options]
  })
  return `# byok's completion for fish. Write it to ~/.config/fish/completions/byok.fish.\n${lines.join('\n')}\n`
}

/** Those of some flags, and their short forms, that there are. */
function valueFlags(root: CommandNode, wanted: string[]): string[] {
  const all = paths(root).flatMap(({ node }) => node.options.filter(({ flag }) => wanted.includes(flag)))
  return [...new Set(all.flatMap(({ flag, short }) => (short === undefined ? [flag] : [flag, short])))]
}

function valueOf(flag: string): string {
  return ['--config', '--db', '--home'].includes(flag) ? '_files' : ' '
}

function zshText(text: string): string {
  return text.replaceAll("'", "'\\''").replace(/[[\]:\\]/g, '\\$&')
}

function fishText(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")
}
