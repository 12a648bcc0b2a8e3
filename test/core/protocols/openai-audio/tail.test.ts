import { describe, expect, it } from 'vitest'
import { audioProtocol } from '../../../../src/core/protocols/openai-audio/index.ts'
import { TAIL_BYTES } from '../../../../src/core/protocols/protocol.ts'

const { inspectTail } = audioProtocol
const usage = { type: 'tokens', input_tokens: 14, input_token_details: { audio_tokens: 14 }, output_tokens: 31 }
const lineOf = (data: object) => `data: ${JSON.stringify(data)}\n\n`
const done = lineOf({ type: 'transcript.text.done', text: 'A {fox}.', usage })
const delta = lineOf({ type: 'transcript.text.delta', delta: '}' })

describe('the end of a transcription', () => {
  it('is its last word, with what it took', () => {
    expect(inspectTail(delta + done)).toMatchObject({ complete: true, append: '', usage: { input: 14, output: 31 } })
    const speech = lineOf({ type: 'speech.audio.done', usage: { input_tokens: 3, output_tokens: 9 } })
    expect(inspectTail(`event: speech.audio.done\n${speech}`)).toMatchObject({ complete: true, usage: { output: 9 } })
  })

  it('may be followed by [DONE], and is closed where it is not', () => {
    expect(inspectTail(`${done}data: [DONE]\n\n`)).toMatchObject({ complete: true, ended: true, append: '' })
    expect(inspectTail(done.trimEnd())).toMatchObject({ complete: true, append: '\n\n' })
  })

  it('is [DONE] where a server sends chunks as of a chat', () => {
    const chunk = (fields: object) => lineOf({ object: 'transcription.chunk', ...fields })
    const words = chunk({ choices: [{ delta: { content: 'fox.' }, finish_reason: 'stop' }] })
    expect(inspectTail(words)).toMatchObject({ complete: false })
    expect(inspectTail(`${words}data: [DONE]\n\n`)).toMatchObject({ complete: true, ended: true, append: '' })
    expect(inspectTail(`${words}data: [DONE]`)).toMatchObject({ complete: true, append: '\n\n' })
    const counted = chunk({ choices: [], usage: { prompt_tokens: 7, completion_tokens: 2, total_tokens: 9 } })
    expect(inspectTail(`${words}${counted}data: [DONE]\n\n`)).toMatchObject({ usage: { input: 7, output: 2 } })
  })

  it('may be longer than what is there of it', () => {
    const long = lineOf({ type: 'transcript.text.done', text: '{"usage": {'.repeat(1000), usage })
    const tail = long.slice(-TAIL_BYTES)
    expect(inspectTail(tail)).toMatchObject({ complete: true, usage: { input: 14, output: 31 } })
    expect(inspectTail(tail.slice(0, -5))).toMatchObject({ complete: false })
  })

  it('is not there where a piece came last, whole or in part', () => {
    const sound = lineOf({ type: 'speech.audio.delta', audio: 'ab+/'.repeat(2000) }).slice(-TAIL_BYTES)
    for (const cut of [sound, delta, delta.trimEnd(), delta.slice(0, -5), '', ': keep-alive\n\n'])
      expect(inspectTail(cut)).toMatchObject({ complete: false })
  })

  it('may be an error', () => {
    expect(inspectTail(delta + lineOf({ error: { message: 'no' } }))).toMatchObject({ complete: true, failed: true })
  })
})
