import { describe, expect, it } from 'vitest'
import { chatOfImages, imagesOfChat } from '../../../../src/core/protocols/openai-images/index.ts'

const asked = (more: object = {}) => chatOfImages({ model: 'g/m', prompt: 'a fox', ...more }, 'Gemini')
const configOf = (size: string) => asked({ size })['generationConfig']

describe('a request of OpenAI’s Images in Gemini’s words', () => {
  it.each([
    ['auto', undefined],
    ['1024x1024', { aspectRatio: '1:1' }],
    ['1024x1536', { aspectRatio: '2:3' }],
    ['1792x1024', { aspectRatio: '16:9', imageSize: '2K' }],
    ['2160x3840', { aspectRatio: '9:16', imageSize: '4K' }],
    ['1500x640', { aspectRatio: '21:9' }],
  ])('has a shape for %s', (size, imageConfig) => {
    expect(configOf(size)).toEqual({ responseModalities: ['TEXT', 'IMAGE'], ...(imageConfig && { imageConfig }) })
  })

  it.each([
    [{ size: '0x10' }, 'size'],
    [{ prompt: 7 }, 'prompt'],
    [{ n: 'two' }, 'n'],
    [{ stream: true }, 'stream'],
    [{ mask: { image_url: 'data:image/png;base64,QUJD' } }, 'mask'],
    [{ markup: { image_url: 'data:image/png;base64,QUJD' } }, 'markup'],
    [{ output_format: 'svg' }, 'output_format'],
    [{ output_format: 'gif', frame_count: 4 }, 'output_format'],
    [{ images: [{ image_url: 'https://example.com/fox.png' }] }, 'images[0].image_url'],
    [{ images: [{ file_id: 'file-1' }] }, 'images[0].image_url'],
    [{ images: ['data:image/png;base64,QUJD'] }, 'images[0].image_url'],
    [{ images: 'data:image/png;base64,QUJD' }, 'images[0].image_url'],
  ])('refuses %j', (more, param) => {
    expect(() => asked(more)).toThrow(expect.objectContaining({ status: 400, param }))
  })

  it('refuses to change an image that is not there', () => {
    for (const images of [undefined, null, []]) {
      const edit = () => chatOfImages({ model: 'g/m', prompt: 'add a hat', images }, 'Gemini', true)
      expect(edit).toThrow(expect.objectContaining({ status: 400, param: 'image' }))
    }
  })

  it('takes a null for nothing said', () => {
    expect(asked({ n: null, stream: null, mask: null, size: null, background: null })).toEqual(asked())
  })
})

describe('an answer of Gemini’s as one of OpenAI’s Images', () => {
  const inlineData = { mimeType: 'image/jpeg', data: 'QUJD' }
  const parts = [
    { text: 'Here:' },
    { thought: true, inlineData: { mimeType: 'image/png', data: 'bm8=' } },
    { inlineData },
  ]
  const answer = { candidates: [{ content: { parts } }] }

  it('has the images that are no thoughts, and their format', () => {
    const drawn = imagesOfChat(answer, {}, 'Gemini')
    expect(drawn).toEqual({
      created: expect.any(Number) as number,
      data: [{ b64_json: 'QUJD' }],
      output_format: 'jpeg',
    })
    expect(imagesOfChat(answer, { response_format: 'url' }, 'Gemini')['data']).toEqual([
      { url: 'data:image/jpeg;base64,QUJD' },
    ])
  })

  it('counts the tokens of images that were sent', () => {
    const promptTokensDetails = [
      { modality: 'TEXT', tokenCount: 4 },
      { modality: 'IMAGE', tokenCount: 258 },
    ]
    const usageMetadata = {
      promptTokenCount: 262,
      candidatesTokenCount: 10,
      thoughtsTokenCount: 5,
      promptTokensDetails,
    }
    expect(imagesOfChat({ ...answer, usageMetadata }, {}, 'Gemini')['usage']).toEqual({
      input_tokens: 262,
      input_tokens_details: { image_tokens: 258, text_tokens: 4 },
      output_tokens: 15,
      total_tokens: 277,
    })
  })

  it.each([
    [{ candidates: [{ content: { parts: [{ text: 'No.' }] }, finishReason: 'STOP' }] }, 'without an image. '],
    [{ candidates: [{ finishReason: 'IMAGE_SAFETY' }] }, 'without an image (IMAGE_SAFETY)'],
    [{ promptFeedback: { blockReason: 'PROHIBITED_CONTENT' } }, 'without an image (PROHIBITED_CONTENT)'],
    ['nothing', 'without an image. '],
  ])('says so where there is none: %j', (given, words) => {
    expect(() => imagesOfChat(given, {}, 'Gemini')).toThrow(words)
  })
})
