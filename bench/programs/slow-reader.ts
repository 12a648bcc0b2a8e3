/** A client that reads slowly: what stands between must not take the stream into its own memory. */
import { request } from 'undici'
import { lane, withField } from '../lib/field.ts'
import { report } from '../lib/report.ts'
import { streamAgent } from '../lib/stream-client.ts'

const CLIENTS = 20
/** More than all buffers between here and the vendor hold: 400 MB if nobody held it back. */
const EVENTS = 100_000
const SECONDS = 5

export async function slowReader(): Promise<void> {
  const agent = streamAgent()
  const rows = await withField({}, async ({ pipe, byok }) => {
    const found: string[][] = []
    for (const { name, contestant, endpoint } of [
      lane('node:http pipe', pipe),
      lane('byok, fast path', byok),
      lane('byok from Claude', byok, 'claude'),
    ]) {
      const before = contestant.server.memory()
      const answers = await Promise.all(
        Array.from({ length: CLIENTS }, async () => {
          const { body } = await request(endpoint.url, {
            method: 'POST',
            headers: endpoint.headers,
            body: JSON.stringify({
              model: endpoint.model(`bench-${EVENTS}-0-100`),
              stream: true,
              max_tokens: 1000,
              messages: [{ role: 'user', content: 'Go on.' }],
            }),
            dispatcher: agent,
          })
          return body
        }),
      )
      // A chunk a second from each.
      for (let second = 0; second < SECONDS; second++) {
        await new Promise((resolve) => setTimeout(resolve, 1000))
        for (const body of answers) body.read()
      }
      found.push([name, ((contestant.server.memory() - before) / CLIENTS / 1024).toFixed(0)])
      for (const body of answers) body.on('error', () => {}).destroy()
    }
    return found
  })
  await agent.destroy()
  report(`${CLIENTS} clients that read one chunk a second, for ${SECONDS} s`, ['', 'KB of memory each'], rows)
}
