import { expect, it } from 'vitest'
import { imagesProtocol } from '../../../../src/core/protocols/openai-images/index.ts'

const usage = { input_tokens: 3, output_tokens: 5, total_tokens: 8, input_tokens_details: { text_tokens: 3 } }
const message = (more: object) => `data: ${JSON.stringify({ b64_json: 'QUJD'.repeat(2000), ...more })}\n\n`
/** As much of it as is looked at. */
const tailOf = (...messages: object[]) => imagesProtocol.inspectTail(messages.map(message).join('').slice(-4096))

it('takes a stream for whole once an image is done, by the end of its message', () => {
  const done = { type: 'image_generation.completed', usage }
  expect(tailOf({ partial_image_index: 0 }, done)).toMatchObject({ complete: true, usage: { input: 3, output: 5 } })
  expect(tailOf({ type: 'image_generation.completed' })).toEqual({ complete: true, append: '' })
})

it('takes one for cut that ends with an image that is not done, or in the middle of one', () => {
  expect(tailOf({ partial_image_index: 0 }, { partial_image_index: 1 })).toMatchObject({ complete: false })
  expect(imagesProtocol.inspectTail(message({ usage }).slice(-4096, -40))).toMatchObject({ complete: false })
  expect(imagesProtocol.inspectTail('')).toMatchObject({ complete: false })
})

it('knows the last word of servers that say one, and the provider’s word that it failed', () => {
  const done = `${message({ usage }).slice(-4000)}data: [DONE]\n\n`
  expect(imagesProtocol.inspectTail(done)).toMatchObject({ complete: true, ended: true, usage: { output: 5 } })
  const failed = 'event: error\r\ndata: {"type":"error","error":{"message":"no","code":"moderation_blocked"}}\r\n\r\n'
  expect(imagesProtocol.inspectTail(failed)).toMatchObject({ complete: true, failed: true })
})
