import { expect, it, onTestFinished } from 'vitest'
import { apiKey, definePlugin, openaiChat } from '../../../src/index.ts'
import type { RequestInfo } from '../../../src/index.ts'
import { createIsolatedByok } from '../../helpers/isolated-byok.ts'

/* A plugin that does not look at its signal, as one that asks by an SDK of its vendor's, holds up nobody who has gone. */

const never = () => new Promise<never>(() => {})

const EXECUTORS: [what: string, answer: () => Promise<Response>][] = [
  ['answers nothing', never],
  [
    'begins an answer and says nothing more',
    async () => new Response(new ReadableStream({ pull: never }), { headers: { 'content-type': 'text/event-stream' } }),
  ],
]

it.each(EXECUTORS)('a program leaves an executor that %s', async (_, answer) => {
  let asked = () => {}
  const begun = new Promise<void>((resolve) => (asked = resolve))
  const deaf = definePlugin({
    name: 'deaf',
    models: ['deaf-1'],
    auth: [apiKey({ optional: true })],
    translator: openaiChat(),
    executor: () => {
      asked()
      return answer()
    },
  })
  const byok = await createIsolatedByok({ plugins: [deaf] })
  onTestFinished(() => byok.close())
  const ended = new Promise<RequestInfo>((resolve) => byok.hooks.hookOnce('response', ({ info }) => resolve(info)))
  const stop = new AbortController()
  const request = { model: 'deaf-1', stream: true, messages: [{ role: 'user', content: 'Hi' }] }
  const answered = byok.fetch('http://localhost/v1/chat/completions', {
    method: 'POST',
    body: JSON.stringify(request),
    signal: stop.signal,
  })
  const failed = expect(answered).rejects.toThrow('aborted')
  await begun
  stop.abort()
  await failed
  expect(await ended).toMatchObject({ outcome: 'aborted', error: undefined })
})
