import { startByok, startDirect, startFloor, startPortkey, startUpstream } from './contestants.ts'
import type { ServerOptions, Contestant, Endpoint, Route } from './contestants.ts'
import { load } from './load.ts'
import type { LoadOptions } from './load.ts'
import type { ServerProcess } from './server-process.ts'

/** Everybody in front of the same vendor. */
export interface Field {
  direct: Contestant
  pipe: Contestant
  byok: Contestant
  peers: { h3: Contestant; portkey: Contestant } | undefined
}

export interface FieldOptions extends ServerOptions {
  /** Whether those are started that byok's requests a second are compared with. */
  peers?: boolean
}

/** Starts everybody, and stops them whatever comes of the work. */
export function withField<T>(options: FieldOptions, work: (field: Field) => Promise<T>): Promise<T> {
  return withUpstream(async (upstream, add) =>
    work({
      direct: add(await startDirect(upstream)),
      pipe: add(await startFloor('pipe', upstream, options)),
      byok: add(await startByok(upstream, options)),
      peers: options.peers
        ? { h3: add(await startFloor('h3', upstream, options)), portkey: add(await startPortkey(upstream)) }
        : undefined,
    }),
  )
}

/** Starts byoks in front of one vendor, and stops them whatever comes of the work. */
export function withByoks<T>(options: ServerOptions[], work: (byoks: Contestant[]) => Promise<T>): Promise<T> {
  return withUpstream(async (upstream, add) => {
    const byoks: Contestant[] = []
    for (const one of options) byoks.push(add(await startByok(upstream, one)))
    return await work(byoks)
  })
}

/** Starts a vendor, and stops it at the end with all contestants that were added. */
async function withUpstream<T>(
  work: (upstream: ServerProcess, add: (contestant: Contestant) => Contestant) => Promise<T>,
): Promise<T> {
  const upstream = await startUpstream()
  const started: Contestant[] = []
  const add = (contestant: Contestant) => {
    started.push(contestant)
    return contestant
  }
  try {
    return await work(upstream, add)
  } finally {
    for (const { server } of started) await server.stop()
    await upstream.stop()
  }
}

/** One kind of work at one contestant. */
export interface Lane {
  name: string
  contestant: Contestant
  endpoint: Endpoint
}

export function lane(name: string, contestant: Contestant, route: Route = 'openai'): Lane {
  const endpoint = contestant.endpoint(route)
  if (!endpoint) throw new Error(`${contestant.name} has no way to ${route}`)
  return { name, contestant, endpoint }
}

/** Seconds of the contestant's processor time that the work took. */
export async function cpuOf({ contestant }: Lane, work: () => Promise<unknown>): Promise<number> {
  const before = contestant.server.cpuSeconds()
  await work()
  return contestant.server.cpuSeconds() - before
}

/** Chats from so many connections: answers a second, and µs of the contestant's processor time for each. */
export async function loadFor(one: Lane, options: LoadOptions): Promise<{ rate: number; cost: number }> {
  let done = { answers: NaN, rate: NaN }
  const cpu = await cpuOf(one, async () => {
    done = await load(one.endpoint, options)
  })
  return { rate: done.rate, cost: (cpu / done.answers) * 1e6 }
}

/**
 * Loads of one second, each with new clients, until a process costs what it does from then on. One load of as many seconds is not enough:
 * each ends with clients that leave, of which V8 throws away what it had compiled without having seen that, which is a third of a request
 * for a second or two.
 */
const WARM_UPS = 7

/** Chats in turn at every lane, so many rounds, once all are warm. */
export async function loadInTurn(
  lanes: Lane[],
  rounds: number,
  options: LoadOptions,
): Promise<Map<string, { rate: number; cost: number }[]>> {
  for (let time = 0; time < WARM_UPS; time++) {
    for (const one of lanes) await loadFor(one, { ...options, seconds: 1 })
  }
  return await interleave(lanes, rounds, (one) => loadFor(one, options))
}

/** The lanes that stream: the floor, and byok on each of its ways. */
export const streamLanes = ({ direct, pipe, byok }: Field): Lane[] => [
  lane('the vendor itself', direct),
  lane('node:http pipe', pipe),
  lane('byok, fast path', byok),
  lane('byok from Claude', byok, 'claude'),
  lane('byok from Gemini', byok, 'gemini'),
  lane('byok from Kiro', byok, 'kiro'),
]

/**
 * Does the work at every lane in turn, once to warm up and then so many rounds, so that whatever the machine does meanwhile
 * befalls all alike.
 */
export async function interleave<T>(
  lanes: Lane[],
  rounds: number,
  work: (lane: Lane) => Promise<T>,
): Promise<Map<string, T[]>> {
  const results = new Map<string, T[]>(lanes.map(({ name }) => [name, []]))
  for (const one of lanes) await work(one)
  for (let round = 0; round < rounds; round++) {
    for (const one of lanes) results.get(one.name)?.push(await work(one))
  }
  return results
}
