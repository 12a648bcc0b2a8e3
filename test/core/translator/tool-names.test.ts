import { describe, expect, it } from 'vitest'
import type { ChatRequest } from '../../../src/core/chat/index.ts'
import { geminiGenerateContent } from '../../../src/core/protocols/gemini/index.ts'

const translator = geminiGenerateContent()
const LONG = 'mcp__'.padEnd(70, 'x')

function ask(names: string[], more: Partial<ChatRequest> = {}): ChatRequest {
  return {
    model: 'gemini-2.5-pro',
    stream: true,
    messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }],
    tools: names.map((name) => ({ type: 'function', name })),
    ...more,
  }
}

function declared(chat: ChatRequest): string[] {
  const [tool] = translator.request(chat)['tools'] as { functionDeclarations: { name: string }[] }[]
  return tool?.functionDeclarations.map(({ name }) => name) ?? []
}

function called(chat: ChatRequest, name: string) {
  const parts = [{ functionCall: { name, args: { input: 'x' } } }]
  const body = { candidates: [{ content: { role: 'model', parts }, finishReason: 'STOP' }] }
  const whole = translator.answer?.(body, chat) ?? []
  expect(translator.events(chat).push({ data: JSON.stringify(body) })).toMatchObject(
    whole.filter(({ type }) => type !== 'finish').map(({ type }) => ({ type })),
  )
  return whole.find((event) => event.type === 'tool-call')
}

describe('names of tools that a provider refuses', () => {
  it.each(['3d_render', '-dash', 'größe', 'files/read', LONG])('have another on the wire: %s', (name) => {
    const chat = ask(['look', name])
    const [look, wire = ''] = declared(chat)
    expect(look).toBe('look')
    expect(wire).toMatch(/^[a-z_][\w-]{0,63}$/i)
    expect(called(chat, wire)).toMatchObject({ name })
    expect(called(chat, 'look')).toMatchObject({ name: 'look' })
  })

  it('are told apart, and the same in every turn', () => {
    const [one, other] = declared(ask([`${LONG}1`, `${LONG}2`]))
    expect(one).not.toBe(other)
    expect(declared(ask([`${LONG}1`]))).toEqual([one])
  })

  it('are those of calls, results and choices too', () => {
    const names = ['3d', '4d']
    const chat = ask(names, {
      toolChoice: { type: 'allowed', mode: 'required', names: ['4d'] },
      messages: [
        { role: 'user', content: [{ type: 'text', text: 'Hi' }] },
        { role: 'assistant', content: [{ type: 'tool-call', id: 'a', name: '3d', kind: 'function', arguments: '{}' }] },
        { role: 'tool', toolCallId: 'a', content: [{ type: 'text', text: 'done' }] },
      ],
    })
    const [three, four] = declared(chat)
    const body = translator.request(chat)
    expect(body['toolConfig']).toEqual({ functionCallingConfig: { mode: 'ANY', allowedFunctionNames: [four] } })
    expect(body['contents']).toMatchObject([
      {},
      { parts: [{ functionCall: { name: three } }] },
      { parts: [{ functionResponse: { name: three } }] },
    ])
  })

  it('are those of tools of free text too', () => {
    const chat = ask([], { tools: [{ type: 'custom', name: '3d' }] })
    const [wire = ''] = declared(chat)
    expect(called(chat, wire)).toMatchObject({ name: '3d', kind: 'custom' })
  })
})
