import { expect, test } from 'vitest'
import { AnswerBuilder } from '../../../src/core/chat/index.ts'

test('has every image once, whether a provider tells all so far or what is new', () => {
  const image = (url: string) => ({ type: 'image_url', image_url: { url } })
  const [first, second, third] = ['QUE=', 'QkI=', 'Q0M='].map((data) => image(`data:image/png;base64,${data}`))
  const builder = new AnswerBuilder()
  for (const images of [[first, first], [first, first, second], [third]]) {
    builder.push({ type: 'extra', extra: { images, beside: images.length } })
  }
  builder.push({ type: 'extra', extra: { images: [first] }, choice: 1 })
  expect(builder.answer.choices.map(({ extra }) => extra)).toEqual([
    { images: [first, first, second, third], beside: 1 },
    { images: [first] },
  ])
})
