import { beforeEach, expect, it, onTestFinished } from 'vitest'
import type { Byok, ChatError } from '../../../src/index.ts'
import { startVendor } from '../../faults/faults.ts'
import type { Handle } from '../../faults/faults.ts'
import { ask, startByok } from './support.ts'

/* An error of a provider's names it as config does, whoever found it. */

let byok: Byok
let vendor: { handle: Handle }
let errors: ChatError[]

beforeEach(async () => {
  errors = []
  const started = await startVendor()
  onTestFinished(started.close)
  ;({ vendor } = started)
  byok = await startByok({
    providers: {
      acme: started.provider,
      nobody: { ...started.provider, base_url: 'http://127.0.0.1:9/v1' },
      claude: { api_key: 'sk-ant-test', base_url: started.provider.base_url },
    },
    hooks: { error: ({ error }) => void errors.push(error) },
  })
})

const SSE = { 'content-type': 'text/event-stream' }
const JSON_TYPE = { 'content-type': 'application/json' }
const said = JSON.stringify({ error: { message: 'No', type: 'server_error', code: 'no' } })
const piece = `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta: { content: 'Hi' }, finish_reason: null }] })}\n\n`

const FAULTS: [what: string, handle: Handle, body: object, code: string | null][] = [
  ['an error status', (response) => response.writeHead(400, JSON_TYPE).end(said), {}, 'no'],
  ['an error in its answer', (response) => response.writeHead(200, JSON_TYPE).end(said), {}, 'no'],
  ['no JSON', (response) => response.writeHead(200, JSON_TYPE).end('{'), {}, 'upstream_bad_answer'],
  ['an empty stream', (response) => response.writeHead(200, SSE).end(), { stream: true }, 'upstream_stream_cut'],
  [
    'a stream that is cut',
    (response) => response.writeHead(200, SSE).end(piece),
    { stream: true },
    'upstream_stream_cut',
  ],
  [
    'an error in its stream',
    (response) => response.writeHead(200, SSE).end(`${piece}data: ${said}\n\n`),
    { stream: true },
    'no',
  ],
]

it.each(FAULTS)('%s', async (_, handle, body, code) => {
  vendor.handle = handle
  await ask(byok, { model: 'acme/m', ...body })
  expect(errors.map((error) => [error.provider, error.code])).toEqual([['acme', code]])
})

it('an answer that does not come', async () => {
  await ask(byok, { model: 'nobody/m' })
  expect(errors).toMatchObject([{ provider: 'nobody', code: 'upstream_unreachable' }])
})

it('what it cannot do', async () => {
  const { json } = await ask(byok, { model: 'claude/claude-sonnet-4-5', n: 2 })
  expect(json.error).toMatchObject({ provider: 'claude', code: 'unsupported_feature' })
})

it('but not what is wrong with the request', async () => {
  await ask(byok, { model: 'claude/claude-sonnet-4-5', messages: 'none' })
  expect(errors.map(({ status, provider }) => [status, provider])).toEqual([[400, undefined]])
})

it('nor what a hook says', async () => {
  byok.hooks.hook('upstreamRequest', () => {
    throw new Error('no')
  })
  await ask(byok, { model: 'acme/m' })
  expect(errors).toMatchObject([{ code: 'hook_failed', provider: undefined }])
})

it('in process too, between two events', async () => {
  vendor.handle = (response) => response.writeHead(200, SSE).end(piece)
  const types: string[] = []
  const read = async () => {
    const asked = { model: 'acme/m', messages: [{ role: 'user' as const, content: 'Hi' }] }
    for await (const { type } of byok.stream(asked)) types.push(type)
  }
  await expect(read()).rejects.toMatchObject({ provider: 'acme', code: 'upstream_stream_cut' })
  expect(types).toContain('text')
})
