import { defineCommand } from 'citty'
import { homedir } from 'node:os'
import { basename, join } from 'node:path'
import { runCommandBody, UsageError } from './command.ts'
import { jsonArg, printJson } from './json.ts'
import { LineReader } from './line-reader.ts'
import { noSuch } from './no-such.ts'
import { sayer } from './say.ts'
import { NEEDS_KEY, notesOf, setupContext, withoutSecret } from '../core/setup/context.ts'
import { keepAside, keptOf, makePrivate, putBack, readText, writeKeeping } from './setup/files.ts'
import type { Kept } from './setup/files.ts'
import { UnreadableSettings } from '../core/setup/tool.ts'
import type { SettingsFile, SetupContext, Tool } from '../core/setup/tool.ts'
import { tools } from '../core/setup/tools.ts'
import { checkKnownPort, checkUrl, urlArg } from './url-arg.ts'
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
    undo: { type: 'boolean', default: false, description: 'Take them out again, and put those files back' },
    yes: { type: 'boolean', alias: 'y', default: false, description: 'Do not ask before writing' },
    model: { type: 'string', valueHint: 'MODEL', description: 'The model to use (default: the first you can use)' },
    ...urlArg,
    key: { type: 'string', valueHint: 'KEY', description: 'A key that byok key create made, where byok needs one' },
    json: jsonArg,
  },
  run: (context) =>
    runCommandBody(context, async (args) => {
      const tool = findTool(args.tool)
      if (args.write && args.undo) throw new UsageError('--write and --undo exclude each other.')
      if (args.json && args.write && !args.yes) throw new UsageError('--json asks nobody: give --yes with --write.')
      if (args.undo) return await undo(tool, args)
      checkUrl(args.url)
      const facts = await withByok(args, (byok) => {
        checkKnownPort(args.url, byok.config)
        return setupContext(byok, args)
      })
      if (args.write && facts.key === NEEDS_KEY) {
        throw new UsageError(
          'byok needs a key and keeps only the hash of it: give one that `byok key create` showed, by --key.',
        )
      }
      if (args.write) await write(tool, facts, args)
      else show(tool, facts, args)
    }),
})

interface Output {
  json: boolean
  quiet?: boolean | undefined
}

function findTool(name: string): Tool {
  const tool = tools.find((one) => one.name === name)
  if (tool) return tool
  throw noSuch(
    'tool',
    name,
    tools.map((one) => one.name),
  )
}

function pathOf({ path, folder }: SettingsFile): string {
  const moved = folder?.(process.env, process.platform)
  return moved === undefined ? join(homedir(), ...path.split('/')) : join(moved, basename(path))
}

/** Prints what a new file would hold. */
function show(tool: Tool, facts: SetupContext, { json }: Output): void {
  const shown = withoutSecret(facts)
  const files = tool.files.map((file) => ({ path: pathOf(file), content: file.edit('', shown) }))
  const notes = notesOf(tool, shown)
  if (json) {
    return printJson({ tool: tool.name, title: tool.title, files, notes })
  }
  const below = join(homedir(), '/')
  const parts = files.map(({ path, content }) => {
    return `# ${path.startsWith(below) ? `~/${path.slice(below.length).replaceAll('\\', '/')}` : path}\n${content}`
  })
  if (notes.length > 0) parts.push(`${notes.join('\n')}\n`)
  if (tool.files.length > 0) parts.push(`\`byok setup ${tool.name} --write\` writes this into what is there already.\n`)
  process.stdout.write(parts.join('\n'))
}

async function write(tool: Tool, facts: SetupContext, output: Output & { yes: boolean }): Promise<void> {
  if (tool.files.length === 0) {
    throw new UsageError(
      `${tool.title} keeps its settings where byok cannot write them. \`byok setup ${tool.name}\` says what to do.`,
    )
  }
  const changes: { path: string; text: string; before?: string }[] = []
  const secret: string[] = []
  for (const file of tool.files) {
    const full = pathOf(file)
    const now = await readText(full)
    const kept = await keptOf(full)
    const next = edited(full, () => renewed(file, now, kept, facts))
    if (next.text !== now) changes.push({ path: full, ...next })
    if (next.text !== edited(full, () => renewed(file, now, kept, withoutSecret(facts))).text) secret.push(full)
  }
  const paths = changes.map(({ path }) => path)
  const say = sayer(output)
  if (paths.length === 0) say(`${tool.title} is set up already.\n`)
  else {
    const plan = `byok sets up ${tool.title} for ${facts.origin} in\n${listOf(paths)}`
    // Who is asked has to know what about.
    if (output.yes) say(plan)
    else if (!(await agreed(plan))) {
      process.stdout.write('Nothing was written.\n')
      process.exitCode = 130
      return
    }
  }
  // Before they are written, so that nobody reads the key in between.
  for (const path of secret) await makePrivate(path)
  for (const { path, text, before } of changes) await writeKeeping(path, text, before)
  const notes = notesOf(tool, withoutSecret(facts))
  if (output.json) return printJson({ tool: tool.name, title: tool.title, written: paths, notes })
  if (paths.length === 0) return
  for (const note of notes) say(`${note}\n`)
  say(`Done. \`byok setup ${tool.name} --undo\` puts everything back.\n`)
}

/**
 * A file with byok's settings, and without those of an earlier time that are none any more, such as another model's; and as it would
 * be without byok, where it was written to since.
 */
function renewed(
  { edit, takeOut }: SettingsFile,
  now: string,
  kept: Kept | undefined,
  facts: SetupContext,
): { text: string; before?: string } {
  if (takeOut === undefined || kept?.written === undefined) return { text: edit(now, facts) }
  const { before, written } = kept
  const text = edit(takeOut(now, written, edit(before, facts)), facts)
  return now === written ? { text } : { text, before: takeOut(now, written, before) }
}

function listOf(paths: string[]): string {
  return paths.map((path) => `  ${path}\n`).join('')
}

function edited<Result>(path: string, edit: () => Result): Result {
  try {
    return edit()
  } catch (error) {
    if (!(error instanceof UnreadableSettings)) throw error
    throw new UsageError(
      `${path} is left alone: ${error.message}. Add by hand what \`byok setup\` prints without --write.`,
    )
  }
}

/** @throws {UsageError} where there is nobody to ask. */
async function agreed(plan: string): Promise<boolean> {
  process.stdout.write(`${plan}Go on? [y/N] `)
  const reader = new LineReader(process.stdin)
  try {
    const answer = await reader.next(new AbortController().signal)
    if (answer !== undefined) return /^y(?:es)?$/i.test(answer.trim())
    // Ctrl-D is an answer too.
    if (process.stdin.isTTY) return false
    process.stdout.write('\n')
    throw new UsageError('nobody answered, so nothing was written: give --yes with --write.')
  } finally {
    reader.close()
  }
}

async function undo(tool: Tool, output: Output): Promise<void> {
  const back: string[] = []
  const aside: string[] = []
  for (const file of tool.files) {
    const path = pathOf(file)
    const kept = await keepAside(path, file.takeOut)
    if (kept !== undefined) aside.push(kept)
    if (await putBack(path, file.takeOut)) back.push(path)
  }
  if (back.length === 0) throw new UsageError(`there is nothing of ${tool.title} to put back.`)
  if (output.json) printJson({ tool: tool.name, title: tool.title, restored: back, aside })
  const say = sayer(output)
  say(`Put back:\n${listOf(back)}`)
  if (aside.length > 0) say(`What was written into them since is kept in\n${listOf(aside)}`)
}
