import { expect, it } from 'vitest'
import { chatOfTranscription, transcriptionOfChat } from '../../../../src/core/protocols/openai-audio/index.ts'

const typeSent = async (name: string, type: string) => {
  const file = new File(['fox'], name, { type })
  const sent = JSON.stringify(await chatOfTranscription({ model: 'gemini-3-flash', file }, 'Gemini'))
  return /"mimeType":"([^"]*)"/.exec(sent)?.[1]
}

it.each([
  ['fox.M4A', '', 'audio/m4a'],
  ['fox.mpeg', 'application/octet-stream', 'audio/mp3'],
  // As browsers name what they have recorded (`FormData.append` of a `Blob`).
  ['blob', 'audio/webm;codecs=opus', 'audio/webm'],
  ['blob', 'audio/mpeg', 'audio/mp3'],
  ['blob', 'audio/x-wav', 'audio/wav'],
  ['blob', 'audio/x-m4a', 'audio/m4a'],
  ['fox.amr', 'audio/amr', 'audio/amr'],
])('tells Google what kind of recording %s is (%s)', async (name, type, known) => {
  expect(await typeSent(name, type)).toBe(known)
})

it('leaves the temperature to the model where the client names none', async () => {
  const asked = { model: 'gemini-3-flash', file: new File(['fox'], 'fox.mp3') }
  expect(await chatOfTranscription(asked, 'Gemini')).not.toHaveProperty('generationConfig')
  expect(await chatOfTranscription({ ...asked, temperature: '' }, 'Gemini')).not.toHaveProperty('generationConfig')
  expect(await chatOfTranscription({ ...asked, temperature: '0' }, 'Gemini')).toMatchObject({
    generationConfig: { temperature: 0 },
  })
})

it('takes fields that are left empty for none', async () => {
  const file = new File(['fox'], 'fox.mp3')
  const empty = { language: '', prompt: '', response_format: '', temperature: '' }
  const asked = { model: 'gemini-3-flash', file }
  expect(await chatOfTranscription({ ...asked, ...empty }, 'Gemini')).toEqual(
    await chatOfTranscription(asked, 'Gemini'),
  )
})

it.each([
  ['MAX_TOKENS', 'Gemini did not write down all of this recording (MAX_TOKENS). Send a shorter piece of it'],
  ['RECITATION', 'Gemini did not write down all of this recording (RECITATION). Try another model.'],
])('gives no beginning for the whole (%s)', (finishReason, message) => {
  const answer = { candidates: [{ content: { parts: [{ text: 'The quick' }] }, finishReason }] }
  expect(() => transcriptionOfChat(answer, 'Gemini')).toThrow(message)
})
