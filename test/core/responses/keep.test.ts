import { describe, expect, it } from 'vitest'
import { keepResponse } from '../../../src/core/responses/keep.ts'
import type { JsonObject } from '../../../src/core/json/json.ts'

const event = (type: string, fields: object, eol = '\n') =>
  `event: ${type}${eol}data: ${JSON.stringify({ type, ...fields })}${eol}${eol}`

/** A streamed answer that is kept, and what of it its client gets. */
async function keep(body: ReadableStream<Uint8Array>) {
  const kept: JsonObject[] = []
  const answer = await keepResponse(new Response(body, { headers: { 'content-type': 'text/event-stream' } }), {
    also: { previous_response_id: 'resp_before' },
    onEnd: async (response) => void kept.push(response),
  })
  return { answer, kept }
}

function inPieces(bytes: Uint8Array, size: number): ReadableStream<Uint8Array> {
  let at = 0
  return new ReadableStream({
    pull(controller) {
      if (at < bytes.byteLength) controller.enqueue(bytes.subarray(at, (at += size)))
      else controller.close()
    },
  })
}

const response = { id: 'resp_1', output: [{ type: 'message', text: 'ö'.repeat(300) }] }
const also = { previous_response_id: 'resp_before' }

describe.each([
  ['lines as on Unix', '\n'],
  ['lines as on Windows', '\r\n'],
])('a stream with %s', (_, eol) => {
  const stream = (more: object) =>
    [
      event('response.created', { response: { id: 'resp_1', ...more } }, eol),
      event('response.output_text.delta', { delta: 'ö' }, eol),
      event('response.output_item.done', { item: { result: 'x'.repeat(500) } }, eol),
      event('response.completed', { response: { ...response, ...more } }, eol),
    ].join('')

  it.each([1, 2, 3, 7, 199, 200, 201, 100_000])('is kept as it ended, in pieces of %d bytes', async (size) => {
    const { answer, kept } = await keep(inPieces(Buffer.from(stream({})), size))
    expect(await answer.text()).toBe(stream(also))
    expect(kept).toEqual([{ ...response, ...also }])
  })

  it('that is cut is given as far as it came', async () => {
    const cut = stream({}).slice(0, -eol.length - 5)
    const { answer, kept } = await keep(inPieces(Buffer.from(cut), 50))
    expect(await answer.text()).toBe(cut.replace('{"id":"resp_1"}', JSON.stringify({ id: 'resp_1', ...also })))
    expect(kept).toEqual([])
  })
})

it('an image comes as its pieces do, not once all of it is there', async () => {
  const image = event('response.image_generation_call.partial_image', { partial_image_b64: 'A'.repeat(1000) })
  let give: (text: string) => void = () => {}
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => void (give = (text) => controller.enqueue(Buffer.from(text))),
  })
  const { answer } = await keep(body)
  const reader: ReadableStreamDefaultReader<Uint8Array> | undefined = answer.body?.getReader()
  give(image.slice(0, 500))
  expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe(image.slice(0, 500))
  await reader?.cancel()
})

it('an image of many megabytes in many pieces takes no longer for each', async () => {
  const image = event('response.output_item.done', { item: { result: 'A'.repeat(24 * 1024 * 1024) } })
  const { answer, kept } = await keep(
    inPieces(Buffer.from(image + event('response.completed', { response })), 16 * 1024),
  )
  expect((await answer.arrayBuffer()).byteLength).toBeGreaterThan(24 * 1024 * 1024)
  expect(kept).toEqual([{ ...response, ...also }])
})

it('a whole response with such an image likewise', async () => {
  const large = { ...response, output: [{ type: 'image_generation_call', result: 'A'.repeat(24 * 1024 * 1024) }] }
  const { answer, kept } = await keep(
    inPieces(Buffer.from(event('response.completed', { response: large })), 16 * 1024),
  )
  expect((await answer.arrayBuffer()).byteLength).toBeGreaterThan(24 * 1024 * 1024)
  expect(kept).toEqual([{ ...large, ...also }])
})
