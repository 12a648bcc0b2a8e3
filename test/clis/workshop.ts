import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, inject } from 'vitest'
import type { ConfigInput } from '../../src/core/config/schema.ts'
import { KEYS, KINDS } from '../conformance/providers.ts'
import type { Kind } from '../conformance/providers.ts'
import { runCli, serve } from '../helpers/serve.ts'
import type { Served } from '../helpers/serve.ts'
import type { FakeProvider, RecordedRequest } from '../../src/testing/fake-server.ts'
import type { Script } from '../../src/testing/script.ts'
import { startClosedProxy } from './closed-proxy.ts'

/** What the CLI is asked to do, by a model that says what {@link Turn}s say. */
export const TASK = 'The file notes.txt says that the sky is green. Correct it.'
export const BEFORE = 'The grass is green.\nThe sky is green.\n'
export const AFTER = 'The grass is green.\nThe sky is blue.\n'
/** What corrects it, in the words of Codex' `apply_patch`. */
export const PATCH =
  '*** Begin Patch\n*** Update File: notes.txt\n@@\n-The sky is green.\n+The sky is blue.\n*** End Patch\n'
/** The model's last words. */
export const DONE = 'Notes corrected: the sky is blue.'

/** A tool call of the scripted model. */
export interface Turn {
  tool: string
  arguments: (paths: Paths) => object | string
  /** Said before the call. */
  text?: string
  /** Thought before that. */
  reasoning?: string
}

export interface Paths {
  /** The folder the CLI works in. */
  project: string
  /** The file it is to correct. */
  file: string
}

/** How a CLI ended. */
export interface Ran {
  code: number
  out: string
  err: string
}

export interface Workshop extends Paths {
  byok: Served
  home: string
  fake: FakeProvider
  /** Runs `byok setup <tool> --write`. */
  setUp(tool: string): Promise<void>
  /** Merges settings into a JSON file of the CLI's, named from the home folder. */
  settings(path: string, settings: object): Promise<void>
  /** Has the model call these tools in turn, then say {@link DONE}. */
  script(turns: Turn[]): void
  /** Runs the CLI in the project; resolves with what it printed. */
  run(command: string[], env?: Record<string, string>): Promise<Ran>
  /** The requests of the turns; others, such as for a title, are left out. */
  turns: RecordedRequest[]
  /** Hosts beyond this machine that the CLI asked for. None is reached. */
  asked: Set<string>
}

/**
 * A started byok in front of one fake provider, and a project with a file to correct.
 *
 * @param name What the CLI calls the model. Default: as byok does.
 * @param config What byok is told besides.
 */
export async function withWorkshop(
  kind: Kind,
  work: (shop: Workshop) => Promise<void>,
  { name, config }: { name?: string; config?: Pick<ConfigInput, 'models' | 'amp'> } = {},
): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), 'byok-workshop-'))
  const project = join(home, 'project')
  const paths = { project, file: join(project, 'notes.txt') }
  await mkdir(project)
  await writeFile(paths.file, BEFORE)
  const fake = await KINDS[kind].start()
  const proxy = await startClosedProxy()
  const settings = {
    ...(kind === 'local' && { type: 'openai-compatible' }),
    api_key: KEYS[kind],
    base_url: fake.url,
  }
  const byok = await serve({
    home,
    config: {
      ...config,
      upstream: { retries: 0 },
      providers: { [kind]: settings },
      models: { ...config?.models, ...(name !== undefined && { [name]: KINDS[kind].model }) },
    },
  })
  const turns: RecordedRequest[] = []
  try {
    await work({
      ...paths,
      byok,
      home,
      fake,
      turns,
      asked: proxy.asked,
      async setUp(tool) {
        const args = ['--write', '--yes', '--url', byok.url, '--model', name ?? KINDS[kind].model]
        const setup = await runCli(['setup', tool], { home, args })
        expect([await setup.exited, setup.stderr()]).toEqual([0, ''])
      },
      async settings(path, settings) {
        const file = join(home, path)
        const now: object = JSON.parse(await readFile(file, 'utf8'))
        await writeFile(file, JSON.stringify({ ...now, ...settings }))
      },
      script(script) {
        fake.otherwise = (request) => {
          const next = script[turns.length]
          const last = script.at(-1)
          // A request without the tools is not the task's, but for a title or a summary.
          if (!request.text.includes(`"${last?.tool}"`))
            return { steps: [{ text: 'Notes' }], usage: { input: 5, output: 1 } }
          turns.push(request)
          return next ? callOf(next, turns.length, paths) : { steps: [{ text: DONE }], usage: { input: 30, output: 9 } }
        }
      },
      run: (command, env = {}) =>
        new Promise((resolve) => {
          const [file = '', ...args] = command
          const child = execFile(
            file,
            args,
            {
              cwd: project,
              timeout: 100_000,
              env: { PATH: process.env['PATH'] ?? '', HOME: home, ...proxy.env, ...env },
            },
            (error, out, err) =>
              resolve({ code: error ? (typeof error.code === 'number' ? error.code : -1) : 0, out, err }),
          )
          child.stdin?.end()
        }),
    })
  } finally {
    await byok.dispose()
    await Promise.all([fake.close(), proxy.close()])
    await rm(home, { recursive: true, force: true })
  }
}

function callOf({ tool, arguments: given, text, reasoning }: Turn, number: number, paths: Paths): Script {
  const value = given(paths)
  const json = typeof value === 'string' ? value : JSON.stringify(value)
  const half = Math.floor(json.length / 2)
  return {
    steps: [
      ...(reasoning === undefined ? [] : [{ reasoning, signature: `sig_${number}` }]),
      ...(text === undefined ? [] : [{ text }]),
      { toolCall: { id: `call_${number}`, name: tool, arguments: [json.slice(0, half), json.slice(half)] } },
    ],
    usage: { input: 20, output: 5 },
  }
}

/** The file is corrected, by what the model was told of it; it had its last word; and nobody but byok was asked. */
export async function expectCorrected({ file, turns, asked }: Workshop, { code, out, err }: Ran): Promise<void> {
  expect([code, out], err).toEqual([0, expect.stringContaining(DONE)])
  expect(await readFile(file, 'utf8')).toBe(AFTER)
  // The result of the first call: the file as it was read, or that it was patched.
  expect(turns[1]?.text).toMatch(/The grass is green|Success/)
  expect([...asked]).toEqual([])
}

/** The path of a CLI's file. */
export const cli = (...path: string[]): string => join(inject('clis'), ...path)

/** For CLIs that want Node 22; on Linux one is installed beside them. */
export const NEWER_NODE =
  Number.parseInt(process.versions.node) >= 22
    ? process.execPath
    : cli(`node-${process.platform}-${process.arch}`, 'bin', 'node')
