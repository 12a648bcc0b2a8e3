import type { ArgsDef, CommandDef } from 'citty'
import { resolved } from './find-command.ts'

/** A command as a shell completes it. */
export interface CommandNode {
  name: string
  description: string
  /** With their dashes. */
  options: { flag: string; short?: string; description: string; takesValue: boolean }[]
  /** Whether it takes words besides its options. */
  takesWords: boolean
  commands: CommandNode[]
}

/** byok itself takes it, and no command. */
const VERSION = { flag: '--version', short: '-v', description: 'Show the version', takesValue: false }

/** Everything below a command, loaded. */
export async function commandTree(root: CommandDef, name = 'byok'): Promise<CommandNode> {
  const [meta, args, subCommands] = await Promise.all([
    resolved(root.meta),
    resolved(root.args),
    resolved(root.subCommands),
  ])
  const commands = await Promise.all(
    Object.entries(subCommands ?? {}).map(async ([sub, child]) => {
      // A command's own arguments are narrower than what the tree reads of them.
      const command = await resolved(child)
      return command && (await commandTree(command, sub))
    }),
  )
  return {
    name,
    description: meta?.description ?? '',
    options: [...(meta?.version === undefined ? [] : [VERSION]), ...optionsOf(args ?? {})],
    takesWords: Object.values(args ?? {}).some(({ type }) => type === 'positional'),
    commands: commands.filter((child) => child !== undefined),
  }
}

function optionsOf(args: ArgsDef): CommandNode['options'] {
  return Object.entries(args).flatMap(([name, definition]) => {
    if (definition.type === 'positional') return []
    const takesValue = definition.type !== 'boolean'
    const alias = 'alias' in definition ? definition.alias : undefined
    const short = (Array.isArray(alias) ? alias : [alias]).find((word) => word?.length === 1)
    const negative = definition.type === 'boolean' ? definition.negativeDescription : undefined
    const flag = negative === undefined ? `--${name}` : `--no-${name}`
    const description = negative ?? definition.description ?? ''
    return [{ flag, ...(short !== undefined && { short: `-${short}` }), description, takesValue }]
  })
}
