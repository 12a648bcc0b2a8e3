/** Writes docs/providers.md, from a run of the conformance suite. Run: `npm run docs:providers` */
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { format, resolveConfig } from 'prettier'
import { builtins } from '../src/builtins.ts'
import { oauthOf } from '../src/core/auth/method.ts'
import { cases, conformance } from '../src/testing/index.ts'
import type { ConformanceCase, ConformanceTest } from '../src/testing/index.ts'
import { nameOf, targets } from '../test/conformance/targets.ts'
import type { Target } from '../test/conformance/targets.ts'

export const DOC = fileURLToPath(new URL('../docs/providers.md', import.meta.url))

const INTRO = `# What each provider can do

Each cell is a run of byok's conformance suite: the unmodified \`openai\` client, streaming and not, against a listening byok and a
server that answers as the provider does. \`npm run docs:providers\` writes this page, and the tests fail when it is out of date. Plugin
authors can run the same suite: see \`byok/testing\` in the [README](../README.md#plugins).

- **✓** works.
- **–** cannot be done: the request is refused with a 400 that says so.
- **±** works on some of the provider's wires.
`

const ENDED = `## Logins that have ended

What the vendors of these have ended, wholly or for most accounts. byok says so before it signs in, and goes on to serve whoever still
has such a login.`

/** What byok says of them. */
function endedLogins(): string {
  return builtins
    .flatMap(({ name, title = name, auth = [] }) => {
      const notice = oauthOf([auth].flat())?.notice
      return notice === undefined ? [] : [`- **${title}**: ${notice}`]
    })
    .join('\n')
}

/** A target with what its cells came to. */
export interface Column {
  target: Target
  tests: readonly ConformanceTest[]
}

/** The page's text. Runs what has not been run. */
export async function providersDoc(columns: readonly Column[]): Promise<string> {
  const titles = [...new Set(targets.map(({ title }) => title))]
  const notes = new Notes()
  const rows: string[] = []
  for (const known of cases) {
    const cells: string[] = []
    for (const title of titles) {
      cells.push(
        await cellOf(
          known,
          columns.filter(({ target }) => target.title === title),
          notes,
        ),
      )
    }
    rows.push(`| ${[known.title, ...cells].join(' | ')} |`)
  }
  const head = [`| | ${titles.join(' | ')} |`, `|---|${titles.map(() => ':-:|').join('')}`]
  const text = [INTRO, [...head, ...rows].join('\n'), ENDED, endedLogins(), notes.text()].join('\n\n')
  return await format(text, { ...(await resolveConfig(DOC)), parser: 'markdown' })
}

async function cellOf(known: ConformanceCase, columns: readonly Column[], notes: Notes): Promise<string> {
  /** Names of wires, by what is to be said of them. */
  const remarks = new Map<string, string[]>()
  let refusals = 0
  for (const { target, tests } of columns) {
    const refusal = await refusalIn(tests.filter((test) => test.case.id === known.id))
    if (refusal !== undefined) refusals++
    const remark = refusal === undefined ? remarkOn(target, known.id) : `refused: “${refusal}”`
    if (remark !== undefined) remarks.set(remark, [...(remarks.get(remark) ?? []), nameOf(target)])
  }
  const marks = [...remarks].map(([remark, names]) =>
    notes.mark(`${names.length === columns.length ? (columns[0]?.target.title ?? '') : names.join('; ')}: ${remark}`),
  )
  const sign = refusals === 0 ? '✓' : refusals === columns.length ? '–' : '±'
  return [sign, ...marks].join(' ')
}

async function refusalIn(tests: readonly ConformanceTest[]): Promise<string | undefined> {
  for (const test of tests) {
    const outcome = await test.run()
    if (!outcome.works) return outcome.refusal
  }
  return undefined
}

const REASONING = {
  signed: 'shown, and sent back with its proof.',
  sealed: 'its text is not shown; its proof is sent back.',
  plain: 'shown, and sent back.',
  hidden: 'the wire does not show it.',
}

/** What differs where nothing is refused. */
function remarkOn({ traits = {} }: Target, id: string): string | undefined {
  if (id === 'reasoning') return REASONING[traits.reasoning ?? 'hidden']
  if (id === 'stop' && traits.ownStops) return 'byok ends the answer itself; the model writes on unseen.'
  if (id === 'length' && traits.noLimit)
    return "there is no limit to set; the model's own ends an answer with `length`."
  if (id === 'error-rate-limit' && traits.noRetryAfter) return 'it does not say how long to wait.'
  const expected = Object.entries(traits.errors ?? {}).find(
    ([kind]) => id === `error-${kind.replaceAll('_', '-')}`,
  )?.[1]
  if (!expected) return undefined
  return `status ${expected.status}${expected.code === undefined ? '' : `, code \`${expected.code}\``}.`
}

/** Footnotes, each said once. */
class Notes {
  readonly #notes: string[] = []

  mark(note: string): string {
    if (!this.#notes.includes(note)) this.#notes.push(note)
    return `[^${this.#notes.indexOf(note) + 1}]`
  }

  text(): string {
    return this.#notes.map((note, index) => `[^${index + 1}]: ${note}`).join('\n')
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const suites = targets.map((target) => ({ target, suite: conformance(target) }))
  const text = await providersDoc(suites.map(({ target, suite }) => ({ target, tests: suite.tests })))
  await Promise.all(suites.map(({ suite }) => suite.close()))
  await mkdir(dirname(DOC), { recursive: true })
  await writeFile(DOC, text)
}
