import { expect, it, onTestFinished } from 'vitest'
import { startVendor } from '../../faults/faults.ts'
import { ask, startByok } from './support.ts'

/* JSON that is called something else, or nothing. */

const TYPES = [{ 'content-type': 'text/event-stream' }, { 'content-type': 'text/plain; charset=utf-8' }, {}]

const choice = { index: 0, message: { role: 'assistant', content: 'Hello' }, finish_reason: 'stop' }
const completion = { id: 'c', object: 'chat.completion', created: 1, model: 'm', choices: [choice] }
const OPENAI = { ...completion, usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 } }
const ANTHROPIC = {
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'claude-sonnet-4-5',
  content: [{ type: 'text', text: 'Hello' }],
  stop_reason: 'end_turn',
  stop_sequence: null,
  usage: { input_tokens: 3, output_tokens: 2 },
}

async function start(headers: object, body: string) {
  const { vendor, provider, close } = await startVendor()
  onTestFinished(close)
  vendor.handle = (response) => response.writeHead(200, { ...headers }).end(body)
  const { base_url } = provider
  return await startByok({
    providers: { local: provider, claude: { api_key: 'sk-ant-test', base_url } },
  })
}

it.each(
  TYPES.flatMap((headers) => [
    [headers, 'local/m', JSON.stringify(OPENAI)] as const,
    [headers, 'local/m', `${JSON.stringify(OPENAI, null, 2)}\n\ndata: [DONE]\n\n`] as const,
    [headers, 'claude/claude-sonnet-4-5', JSON.stringify(ANTHROPIC)] as const,
  ]),
)('is an answer to who wants it whole: %j of %s (%#)', async (headers, model, body) => {
  const byok = await start(headers, body)
  const { status, json } = await ask(byok, { model })
  expect([status, json.choices?.[0]?.message.content]).toEqual([200, 'Hello'])
  expect(json).toMatchObject({ usage: { prompt_tokens: 3, completion_tokens: 2 } })
})

it.each(TYPES.flatMap((headers) => [true, false].map((stream) => [headers, stream] as const)))(
  'is read where it is an error: %j (stream: %s)',
  async (headers, stream) => {
    const error = { message: 'Rate limit reached. Please try again in 7m12s.', code: 'rate_limit_exceeded' }
    const byok = await start(headers, JSON.stringify({ error }))
    const asked = await ask(byok, { model: 'local/m', stream })
    expect([asked.status, asked.json.error?.code]).toEqual([429, 'rate_limit_exceeded'])
    expect(asked.headers.get('retry-after')).toBe('432')
  },
)

it('is no stream to a client that wants one as the provider sends it', async () => {
  const byok = await start({ 'content-type': 'text/event-stream' }, JSON.stringify(OPENAI))
  const { status, json } = await ask(byok, { model: 'local/m', stream: true })
  expect([status, json.error?.code]).toEqual([502, 'upstream_stream_cut'])
})
