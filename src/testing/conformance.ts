import assert from 'node:assert/strict'
import { oneAtATime } from '../core/async/one-at-a-time.ts'
import { readStream, readWhole } from './answer.ts'
import { startHarness } from './harness.ts'
import type { Harness, HarnessOptions } from './harness.ts'
import type { Body, CaseContext, ConformanceCase, Traits, Way } from './case.ts'
import { cases as allCases } from './cases/index.ts'
import { isApiError } from './expect.ts'

export interface ConformanceOptions extends HarnessOptions {
  /** The model asked for, as a client names it. */
  model: string
  /** Another model for some cases, by the case's id, such as one that sees for `vision`. */
  models?: Record<string, string>
  /**
   * What the provider cannot do, by the case's id: the words its 400 must have. A case that works in spite of its entry fails, so
   * that the list stays true.
   */
  unsupported?: Record<string, RegExp>
  traits?: Traits
  /** Default: every case. */
  cases?: readonly ConformanceCase[]
}

/** What a cell of the table came to: it works, or is refused in these words. */
export type Outcome = { works: true } | { works: false; refusal: string }

/** One cell: a case, asked in one way. */
export interface ConformanceTest {
  /** Such as `tool-call, streamed`. */
  name: string
  case: ConformanceCase
  way: Way
  /**
   * Runs it. Asked again, it gives the same result.
   * @throws what is wrong.
   */
  run(): Promise<Outcome>
}

export interface Conformance {
  tests: ConformanceTest[]
  /** Stops what the tests started. */
  close(): Promise<void>
}

/**
 * The conformance table for one provider, as tests for any runner:
 *
 * ```ts
 * const { tests, close } = conformance({
 *   plugin: acme,
 *   model: 'acme-large',
 *   start: () => startFakeAcme(),
 *   settings: (fake) => ({ api_key: 'test', base_url: fake.url }),
 *   unsupported: { stop: /stop sequences/ },
 * })
 * afterAll(close)
 * for (const { name, run } of tests) test(name, run)
 * ```
 *
 * Each asks through the unmodified `openai` client, over HTTP, a byok with this one plugin; behind it is the fake. They share
 * both, and so take turns, in whatever order they are run.
 */
export function conformance(options: ConformanceOptions): Conformance {
  const { cases = allCases, unsupported = {} } = options
  for (const id of [...Object.keys(unsupported), ...Object.keys(options.models ?? {})]) {
    assert.ok(
      cases.some((known) => known.id === id),
      `there is no case "${id}"`,
    )
  }
  let harness: Promise<Harness> | undefined
  const inTurn = oneAtATime()

  async function stop(): Promise<void> {
    const running = harness
    harness = undefined
    await (await running)?.close()
  }

  async function cell(known: ConformanceCase, way: Way): Promise<Outcome> {
    let clean = false
    try {
      const context = contextOf(options, await (harness ??= startHarness(options)), known, way)
      const refused = unsupported[known.id]
      if (refused) return { works: false, refusal: await refusalOf(known, context, refused) }
      await known.run(context)
      clean = !known.spoils
      return { works: true }
    } finally {
      // What a case leaves behind (answers not asked for, a resting account) is no other's business.
      if (!clean) await stop()
    }
  }

  const tests = cases.flatMap((known) =>
    (known.ways ?? (['whole', 'stream'] as const)).map((way): ConformanceTest => {
      let result: Promise<Outcome> | undefined
      const name = `${known.id}, ${way === 'stream' ? 'streamed' : 'whole'}`
      return { name, case: known, way, run: () => (result ??= inTurn(() => cell(known, way))) }
    }),
  )
  return { tests, close: () => inTurn(stop) }
}

async function refusalOf(known: ConformanceCase, context: CaseContext, words: RegExp): Promise<string> {
  try {
    await known.run(context)
  } catch (error) {
    if (!isApiError(error) || error.status !== 400) throw error
    assert.match(error.message, words)
    return error.message.replace(/^400 /, '')
  }
  assert.fail(`"${known.id}" works: take it out of \`unsupported\``)
}

function contextOf(options: ConformanceOptions, harness: Harness, known: ConformanceCase, way: Way): CaseContext {
  const { fake, client } = harness
  const model = options.models?.[known.id] ?? options.model
  const streaming = way === 'stream'

  async function send(body: Body) {
    if (!streaming) return readWhole(await client.chat.completions.create({ ...body, model }))
    const asked = { ...body, model, stream: true, stream_options: { include_usage: true } } as const
    return await readStream(await client.chat.completions.create(asked))
  }

  return {
    fake,
    client,
    model,
    streaming,
    traits: options.traits ?? {},
    send,
    async ask(script, body) {
      fake.say(script)
      return await send(body)
    },
    sent() {
      const chats = fake.requests.filter(({ method }) => method === 'POST')
      return chats.at(-1)?.text ?? ''
    },
  }
}
