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

it('takes one for cut wherever it ends before the end, long and short', () => {
  for (const b64_json of ['QUJD'.repeat(2000), 'QUJD']) {
    const image = { type: 'image_edit.completed', b64_json, usage, background: 'opaque' }
    const data = JSON.stringify(image)
    for (const field of ['b64_json', 'usage']) {
      const whole = `event: image_edit.completed\ndata: ${data}`
      const from = whole.indexOf(`"${field}"`)
      for (let length = from; length < Math.min(whole.length, from + 300); length++) {
        expect(imagesProtocol.inspectTail(whole.slice(0, length).slice(-4096)), `${length}`).toMatchObject({
          complete: false,
        })
      }
      expect(imagesProtocol.inspectTail(whole.slice(-4096))).toMatchObject({ complete: true, usage: { output: 5 } })
    }
  }
})

it('ends the last message of one that lacks the blank line, without which no client reads it', () => {
  const done = message({ usage }).trimEnd()
  for (const end of ['', '\n', '\r\n'])
    expect(imagesProtocol.inspectTail((done + end).slice(-4096))).toMatchObject({ complete: true, append: '\n\n' })
  for (const end of ['\n\n', '\r\n\r\n', '\r\r'])
    expect(imagesProtocol.inspectTail((done + end).slice(-4096))).toMatchObject({ complete: true, append: '' })
})

it('looks past comments, wherever they stand', () => {
  const done = message({ usage })
  expect(imagesProtocol.inspectTail(`${done}: keep-alive\n\n`.slice(-4096))).toMatchObject({ complete: true })
  expect(imagesProtocol.inspectTail(': keep-alive\n\nevent: image_generation.completed\n')).toMatchObject({
    complete: false,
  })
})

it('knows an image that is not done by the name of its event too, which stands behind it in some', () => {
  expect(tailOf({ type: 'image_generation.partial_image' })).toMatchObject({ complete: false })
})
