import { expect, it, onTestFinished } from 'vitest'
import { startVendor } from '../../faults/faults.ts'
import { ask, startByok } from './support.ts'

const choice = { index: 0, message: { role: 'assistant', content: 'Hello' }, finish_reason: 'stop' }
const ANSWER = JSON.stringify({ id: 'c', object: 'chat.completion', created: 1, model: 'm', choices: [choice] })

it.each(['request-id', 'x-request-id', 'x-amzn-requestid', 'x-oai-request-id'])(
  "a provider's id of an answer is known by the header %s, whether that is an error or not",
  async (header) => {
    const { vendor, provider, close } = await startVendor()
    onTestFinished(close)
    const ids: unknown[] = []
    const byok = await startByok({
      providers: { local: provider },
      hooks: { response: ({ info }) => void ids.push(info.upstreamRequestId) },
    })
    for (const status of [200, 400]) {
      vendor.handle = (response) => response.writeHead(status, { [header]: `id-${status}` }).end(ANSWER)
      await ask(byok, { model: 'local/m' })
    }
    expect(ids).toEqual(['id-200', 'id-400'])
  },
)
