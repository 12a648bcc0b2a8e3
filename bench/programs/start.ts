/** From the command to the first answer, each time in a new process; beside a Node program that does nothing. */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { request } from 'undici'
import { ROOT, startByok, startUpstream } from '../lib/contestants.ts'
import { report } from '../lib/report.ts'
import { spread } from '../lib/stats.ts'
import { chatFor } from '../lib/work.ts'

const ROUNDS = 10

export async function start(): Promise<void> {
  const cli = join(ROOT, 'dist/cli/main.js')
  const upstream = await startUpstream()
  const times: Record<string, number[]> = {
    'node, empty program': [],
    'byok --version': [],
    'byok serve to its first answer': [],
  }
  const run = (name: string, args: string[]) => {
    const begin = performance.now()
    execFileSync(process.execPath, args, { stdio: 'ignore' })
    times[name]?.push(performance.now() - begin)
  }
  try {
    for (let round = 0; round < ROUNDS; round++) {
      run('node, empty program', ['-e', '0'])
      run('byok --version', [cli, '--version'])
      const begin = performance.now()
      const byok = await startByok(upstream)
      const endpoint = byok.endpoint('openai')
      if (!endpoint) throw new Error('byok has no way to OpenAI')
      const { statusCode, body } = await request(endpoint.url, {
        method: 'POST',
        headers: endpoint.headers,
        body: chatFor(endpoint),
      })
      await body.dump()
      if (statusCode !== 200) throw new Error(`byok answered ${statusCode}`)
      times['byok serve to its first answer']?.push(performance.now() - begin)
      await byok.server.stop()
    }
  } finally {
    await upstream.stop()
  }
  report(
    `Start, ${ROUNDS} new processes each, ms; median (lowest to highest)`,
    ['', 'ms'],
    Object.entries(times).map(([name, all]) => [name, spread(all)]),
  )
}
