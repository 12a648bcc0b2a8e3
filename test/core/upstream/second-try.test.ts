import { expect, it } from 'vitest'
import { secondTry } from '../../../src/core/upstream/second-try.ts'

const refusal = (body: ReadableStream<Uint8Array> | string) =>
  new Response(body, { status: 400, headers: { 'x-request-id': 'req_7' } })
const never = () => undefined

it('gives the answer to the second try, or the refusal as it came', async () => {
  const second = new Response('yes')
  expect(await secondTry(refusal('not so'), async () => second)).toBe(second)
  const first = await secondTry(refusal('not so'), never)
  expect([first.status, first.headers.get('x-request-id'), await first.text()]).toEqual([400, 'req_7', 'not so'])
})

it('knows a refusal that breaks off by what came of it', async () => {
  let pieces = 0
  const broken = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (pieces++ === 0) controller.enqueue(Buffer.from('no such fi'))
      else controller.error(new Error('other side closed'))
    },
  })
  const heard: string[] = []
  const first = await secondTry(refusal(broken), (said) => void heard.push(said))
  expect(heard).toEqual(['no such fi'])
  expect([first.status, await first.text()]).toEqual([400, 'no such fi'])
})

it('reads no more of a refusal than of any error', async () => {
  let sent = 0
  let closed = false
  const endless = new ReadableStream<Uint8Array>({
    pull(controller) {
      sent += 16_384
      // So that a byok that reads on fails, instead of running out of memory.
      if (sent > 1_000_000) controller.close()
      else controller.enqueue(Buffer.alloc(16_384, 'no '))
    },
    cancel: () => void (closed = true),
  })
  await secondTry(refusal(endless), never)
  expect(closed).toBe(true)
  expect(sent).toBeLessThan(200_000)
})
