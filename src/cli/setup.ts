import { defineCommand } from 'citty'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { closest } from 'fastest-levenshtein'
import { runCommandBody, UsageError } from './command.ts'
import { LineReader } from './line-reader.ts'
import { ANY_KEY, NEEDS_KEY, setupContext } from './setup/context.ts'
import { putBack, readText, writeKeeping } from './setup/files.ts'
import { UnreadableSettings } from './setup/tool.ts'
import type { SetupContext, Tool } from './setup/tool.ts'
import { tools } from './setup/tools.ts'
import { configArgs, withByok } from './with-byok.ts'

export default defineCommand({
  meta: { name: 'setup', description: 'Show, or write, the settings that make a tool use byok' },
  args: {
    tool: { type: 'positional', required: true, description: tools.map(({ name }) => name).join(', ') },
    ...configArgs,
    write: {
      type: 'boolean',
      default: false,
      description: "Write them into the tool's files, which are kept as they were",
    },
    undo: { type: 'boolean', default: false, description: 'Put those files back as they were' },
    yes: { type: 'boolean', alias: 'y', default: false, description: 'Do not ask before writing' },
    model: { type: 'string', valueHint: 'MODEL', description: 'The model to use (default: the first you can use)' },
    url: { type: 'string', valueHint: 'URL', description: 'Where byok is (default: http://localhost and its port)' },
    key: { type: 'string', valueHint: 'KEY', description: 'A key that byok key create made, where byok needs one' },
  },
  run: (context) =>
    runCommandBody(context, async () => {
      const { args } = context
      const tool = findTool(args.tool)
      if (args.write && args.undo) throw new UsageError('--write and --undo exclude each other.')
      if (args.undo) return await undo(tool)
      const facts = await withByok(args, (byok) => setupContext(byok, args))
      if (args.write && facts.key === NEEDS_KEY) {
        throw new UsageError(
          'byok needs a key and keeps only the hash of it: give one that `byok key create` showed, by --key.',
        )
      }
      if (args.write) await write(tool, facts, args.yes)
      else await show(tool, facts)
    }),
})

function findTool(name: string): Tool {
  const tool = tools.find((one) => one.name === name)
  if (tool) return tool
  const names = tools.map((one) => one.name)
  throw new UsageError(
    `there is no tool ${JSON.stringify(name)}. Did you mean ${closest(name, names)}? There are ${names.join(', ')}.`,
  )
}

const pathOf = (path: string) => join(homedir(), ...path.split('/'))

/** What may be printed: the key only where it is no secret. */
function withoutSecret(facts: SetupContext): SetupContext {
  return facts.key === ANY_KEY || facts.key === NEEDS_KEY ? facts : { ...facts, key: '<one of server.keys>' }
}

/** Prints what a new file would hold. */
async function show(tool: Tool, facts: SetupContext): Promise<void> {
  const shown = withoutSecret(facts)
  const parts = tool.files.map(({ path, edit }) => `# ~/${path}\n${edit('', shown)}`)
  const notes = tool.notes(shown)
  if (notes.length > 0) parts.push(`${notes.join('\n')}\n`)
  if (tool.files.length > 0) parts.push(`\`byok setup ${tool.name} --write\` writes this into what is there already.\n`)
  process.stdout.write(parts.join('\n'))
}

async function write(tool: Tool, facts: SetupContext, yes: boolean): Promise<void> {
  if (tool.files.length === 0) {
    throw new UsageError(
      `${tool.title} keeps its settings where byok cannot write them. \`byok setup ${tool.name}\` says what to do.`,
    )
  }
  const changes: { path: string; text: string }[] = []
  for (const { path, edit } of tool.files) {
    const full = pathOf(path)
    const now = await readText(full)
    const text = edited(full, () => edit(now, facts))
    if (text !== now) changes.push({ path: full, text })
  }
  if (changes.length === 0) return void process.stdout.write(`${tool.title} is set up already.\n`)
  const list = changes.map(({ path }) => `  ${path}\n`).join('')
  process.stdout.write(`byok sets up ${tool.title} for ${facts.origin} in\n${list}`)
  if (!yes && !(await agreed())) return void process.stdout.write('Nothing was written.\n')
  for (const { path, text } of changes) await writeKeeping(path, text)
  for (const note of tool.notes(withoutSecret(facts))) process.stdout.write(`${note}\n`)
  process.stdout.write(`Done. \`byok setup ${tool.name} --undo\` puts everything back.\n`)
}

function edited(path: string, edit: () => string): string {
  try {
    return edit()
  } catch (error) {
    if (!(error instanceof UnreadableSettings)) throw error
    throw new UsageError(
      `${path} is left alone: ${error.message}. Add by hand what \`byok setup\` prints without --write.`,
    )
  }
}

async function agreed(): Promise<boolean> {
  process.stdout.write('Go on? [y/N] ')
  const reader = new LineReader(process.stdin)
  try {
    return /^y(?:es)?$/i.test(((await reader.next(new AbortController().signal)) ?? '').trim())
  } finally {
    reader.close()
  }
}

async function undo(tool: Tool): Promise<void> {
  const back: string[] = []
  for (const { path } of tool.files) if (await putBack(pathOf(path))) back.push(pathOf(path))
  if (back.length === 0) throw new UsageError(`there is nothing of ${tool.title} to put back.`)
  process.stdout.write(`Put back:\n${back.map((path) => `  ${path}\n`).join('')}`)
}
