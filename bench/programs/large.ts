/** A request of 20 MB, as one with many images is. */
import { request } from 'undici'
import { interleave, lane, withField } from '../lib/field.ts'
import { report } from '../lib/report.ts'
import { median, spread } from '../lib/stats.ts'
import { streamAgent } from '../lib/stream-client.ts'

const ROUNDS = 7
const IMAGES = 10
const IMAGE = 'A'.repeat(2_000_000)

export async function large(): Promise<void> {
  const agent = streamAgent()
  const results = await withField({}, ({ direct, pipe, byok }) => {
    const lanes = [
      lane('the vendor itself', direct),
      lane('node:http pipe', pipe),
      lane('byok, fast path', byok),
      lane('byok to Claude', byok, 'claude'),
    ]
    return interleave(lanes, ROUNDS, async ({ endpoint }) => {
      const url = `data:image/png;base64,${IMAGE}`
      const content = Array.from({ length: IMAGES }, () => ({ type: 'image_url', image_url: { url } }))
      const body = JSON.stringify({
        model: endpoint.model('bench'),
        messages: [{ role: 'user', content: [{ type: 'text', text: 'What is this?' }, ...content] }],
        max_tokens: 100,
      })
      const start = performance.now()
      const answer = await request(endpoint.url, { method: 'POST', headers: endpoint.headers, body, dispatcher: agent })
      const text = await answer.body.text()
      if (answer.statusCode !== 200) throw new Error(`${endpoint.url} answered ${answer.statusCode}: ${text}`)
      return performance.now() - start
    })
  })
  await agent.close()
  const floor = median(results.get('node:http pipe') ?? [])
  report(
    `A request of ${((IMAGES * IMAGE.length) / 1e6).toFixed(0)} MB, ${ROUNDS} rounds, ms; median (lowest to highest)`,
    ['', 'ms', 'x pipe'],
    [...results].map(([name, times]) => [name, spread(times, 1), (median(times) / floor).toFixed(2)]),
  )
}
