import { describe, expect, it } from 'vitest'
import { readMultipart } from '../../../src/core/routes/multipart.ts'

const part = (disposition: string, content = 'abc', more = '') =>
  `--x\r\nContent-Disposition: form-data; ${disposition}\r\n${more}\r\n${content}\r\n`
const END = '--x--\r\n'
const read = async (body: string, type = 'multipart/form-data; boundary=x') => {
  const form = await readMultipart(Buffer.from(body), type)
  return form && [...form].map(([name, value]) => [name, typeof value === 'string' ? value : [value.type, value.size]])
}

describe('a form', () => {
  const type = 'Content-Type: image/png\r\n'

  it.each([
    ['as browsers and openai-node write it', part('name="image[]"; filename="a.png"', 'abc', type)],
    // System.Net.Http MultipartFormDataContent, which OpenAI's client for .NET sends.
    ['of .NET', part("name=image[]; filename=a.png; filename*=utf-8''a.png", 'abc', type)],
    ['with a name for the file alone', part('name="image[]"; filename*=utf-8\'\'a.png', 'abc', type)],
    ['in another order', part('filename="a.png";name="image[]"', 'abc', type.toLowerCase())],
    ['with quotes in a name', part('name="image[]"; filename="a\\"; name=b.png"', 'abc', type)],
    ['behind a preamble', `For old clients.\r\n${part('name="image[]"; filename=""', 'abc', type)}`],
  ])('is read %s', async (_, first) => {
    expect(await read(first + part('name="prompt"', 'ä\r\n--y') + END)).toEqual([
      ['image[]', ['image/png', 3]],
      ['prompt', 'ä\r\n--y'],
    ])
  })

  it.each([
    ['quoted', 'multipart/form-data; charset=utf-8; boundary="x"', part('name="a"', '') + END],
    ['without a last line feed', 'Multipart/Form-Data; Boundary=x', `${part('name="a"', '')}--x--`],
    ['with something behind', 'multipart/form-data;boundary=x', `${part('name="a"', '')}--x--\r\nbye`],
  ])('ends at its boundary, %s', async (_, type, body) => expect(await read(body, type)).toEqual([['a', '']]))

  it('may be empty', async () => expect(await read(END)).toEqual([]))

  it('is none with any of its end gone', async () => {
    const whole = `${part('name="a"; filename="a"', 'abc', type)}--x--`
    for (let length = 0; length < whole.length; length++)
      expect(await read(whole.slice(0, length)), `${length}`).toBe(undefined)
  })

  it.each([
    ['no form', undefined],
    [part('name="a"') + END, 'multipart/form-data'],
    [part('filename="a"') + END, undefined],
    [part('name="a"').replaceAll('\r\n', '\n') + END, undefined],
  ])('is not %j', async (body, type) => expect(await read(body, type)).toBe(undefined))

  it('leaves out what is no part of a form', async () => {
    const other = part('name="b"').replace('form-data', 'attachment')
    expect(await read(other + part('name="a"') + END)).toEqual([['a', 'abc']])
  })

  it('is read in no time, whatever it says of itself', async () => {
    expect(await read(part(`name="${'\\'.repeat(5000)}`) + END)).toHaveLength(1)
    expect(await read(part('name="a"', 'abc', 'X-Long: '.padEnd(20_000, 'x')) + END)).toEqual([])
    const refused = { status: 400, message: expect.stringContaining('more than 1000 parts') }
    await expect(read(part('name="a"; filename="a"', '').repeat(100_000))).rejects.toMatchObject(refused)
  })
})
