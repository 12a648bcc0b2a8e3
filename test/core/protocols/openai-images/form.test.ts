import { expect, it } from 'vitest'
import { formOfImages } from '../../../../src/core/protocols/openai-images/index.ts'
import { imagesAsForm } from '../../../../src/core/protocols/openai-images/form.ts'

const PNG = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')
const JPEG = Buffer.from('\xff\xd8\xff\xe0', 'latin1')
const WEBP = Buffer.from('RIFF\n\0\0\0WEBPVP8 ', 'latin1')

async function read(...fields: [name: string, value: string | File][]) {
  const form = new FormData()
  for (const [name, value] of fields) {
    if (typeof value === 'string') form.append(name, value)
    else form.append(name, value)
  }
  return await formOfImages(form)
}

it.each([
  [PNG, 'image/png'],
  [JPEG, 'image/jpeg'],
  [WEBP, 'image/webp'],
  [Buffer.from('no image'), 'application/octet-stream'],
])('tells what an image is whose client does not say so: %j', async (bytes, mediaType) => {
  for (const type of ['', 'application/octet-stream']) {
    const image_url = `data:${mediaType};base64,${bytes.toString('base64')}`
    expect(await read(['image', new File([bytes], 'a', { type })])).toEqual({ images: [{ image_url }] })
  }
})

it('takes the type that a client says, without what stands behind it', async () => {
  const image = new File([PNG], 'a', { type: 'image/gif; a=b,c' })
  expect(await read(['image', image])).toEqual({
    images: [{ image_url: `data:image/gif;base64,${PNG.toString('base64')}` }],
  })
})

it('refuses words in the place of a file, and a file in the place of words', async () => {
  const file = new File([PNG], 'a')
  for (const field of ['image', 'image[]', 'mask', 'markup'])
    await expect(read([field, 'data:image/png;base64,QUJD'])).rejects.toMatchObject({ status: 400 })
  for (const field of ['prompt', '__proto__', 'images'])
    await expect(read([field, file])).rejects.toMatchObject({ status: 400, param: field })
})

it('has an object for fields of one', async () => {
  const body = await read(['svg[model]', 'a'], ['svg[reasoning][effort]', 'low'], ['__proto__[a]', 'b'], ['a[0]', 'c'])
  expect(body['svg']).toEqual({ model: 'a', reasoning: { effort: 'low' } })
  expect(Object.keys(body)).toEqual(['svg', '__proto__', 'a'])
  const form = imagesAsForm({ svg: body['svg'] })
  expect([...form]).toEqual([
    ['svg[model]', 'a'],
    ['svg[reasoning][effort]', 'low'],
  ])
})

it('has a field of any name as a field', async () => {
  const body = await read(['__proto__', 'a'], ['constructor', 'b'])
  expect(Object.entries(body)).toEqual([
    ['__proto__', 'a'],
    ['constructor', 'b'],
  ])
})

it.each([
  [{ images: ['data:image/png;base64,QUJD'] }, 'images[0].image_url'],
  [{ images: { image_url: 'https://example.com/a.png' } }, 'images[0].image_url'],
  [{ images: [], mask: 'data:image/png;base64,QUJD' }, 'mask.image_url'],
])('leaves no image out of a form: %j', (body, param) => {
  expect(() => imagesAsForm(body)).toThrow(expect.objectContaining({ status: 400, param }))
})
