/** Runs the benchmarks: `npm run bench`, or some of them by name: `npm run bench -- requests streams`. */
import { cpus } from 'node:os'
import { pinLoad } from './lib/contestants.ts'
import { firstToken } from './programs/first-token.ts'
import { growth } from './programs/growth.ts'
import { large } from './programs/large.ts'
import { memory } from './programs/memory.ts'
import { agents, requests, shortStreams } from './programs/requests.ts'
import { slowReader } from './programs/slow-reader.ts'
import { start } from './programs/start.ts'
import { streams } from './programs/streams.ts'
import { throughput } from './programs/throughput.ts'
import { translators } from './programs/translators.ts'
import { workers } from './programs/workers.ts'

const programs: Record<string, () => Promise<void>> = {
  requests,
  'short-streams': shortStreams,
  agents,
  'first-token': firstToken,
  streams,
  memory,
  throughput,
  translators,
  'slow-reader': slowReader,
  large,
  growth,
  start,
  workers,
}

const asked = process.argv.slice(2)
for (const name of asked) {
  if (!(name in programs)) throw new Error(`No benchmark ${name}. There are: ${Object.keys(programs).join(', ')}`)
}
// The clients and the vendor have one core, whoever is measured the other.
pinLoad()
console.log(`Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model ?? 'unknown processor'}`)
for (const [name, program] of Object.entries(programs)) if (asked.length === 0 || asked.includes(name)) await program()
