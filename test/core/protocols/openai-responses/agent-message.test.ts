import { describe, expect, test } from 'vitest'
import type { ChatEvent } from '../../../../src/core/chat/index.ts'
import { anthropicMessages } from '../../../../src/core/protocols/anthropic-messages/index.ts'
import { geminiGenerateContent } from '../../../../src/core/protocols/gemini/index.ts'
import {
  openaiResponses,
  openaiResponsesProtocol,
  withoutForeignItems,
} from '../../../../src/core/protocols/openai-responses/index.ts'
import { answerOf, listOf } from './support.ts'
import type { Json } from './support.ts'

/* Codex' agents: tasks that one is given by another, and calls that give them. */

const { decode, encode, encoder } = openaiResponsesProtocol

const HEADER = 'Message Type: NEW_TASK\nTask name: /root/worker\nSender: /root\nPayload:\n'
const ENCRYPTED = `gAAAAABq${'x'.repeat(92)}==`

const task = (...content: object[]) => ({ type: 'agent_message', author: '/root', recipient: '/root/worker', content })
const header = { type: 'input_text', text: HEADER }
const inCipher = (text: string) => ({ type: 'encrypted_content', encrypted_content: text })
const asked = (item: object) =>
  decode({ model: 'm', input: [{ role: 'developer', content: 'You are a worker.' }, item] })

describe('a task for an agent', () => {
  test.each([
    ['plain', [{ type: 'input_text', text: `${HEADER}List the files` }], [`${HEADER}List the files`]],
    ['plain, and taken for encrypted', [header, inCipher('List the files')], [HEADER, 'List the files']],
    ['encrypted', [header, inCipher(ENCRYPTED)], [HEADER, '[encrypted_content: only a model of OpenAI can read it]']],
  ])("is said to another vendor's model: %s", (_, content, texts) => {
    const { messages } = anthropicMessages().request(asked(task(...content))) as Json
    expect(messages).toEqual([{ role: 'user', content: texts.map((text) => ({ type: 'text', text })) }])
  })

  test('stays what it is for OpenAI, but for what is not encrypted', () => {
    const sent = (...content: object[]) => {
      const translated = listOf(openaiResponses().request(asked(task(...content)))['input']).at(-1)
      const { input } = withoutForeignItems({ input: [task(...content)] })
      expect(listOf(input)).toEqual([translated])
      return translated
    }
    expect(sent(header, inCipher(ENCRYPTED))).toEqual(task(header, inCipher(ENCRYPTED)))
    expect(sent(header, inCipher('Go'))).toEqual(task(header, { type: 'input_text', text: 'Go' }))
  })

  test('passes through byte by byte where nothing is to be changed', () => {
    const body = { input: [task(header, inCipher(ENCRYPTED))] }
    expect(withoutForeignItems(body)).toBe(body)
  })
})

describe('a call that gives a task', () => {
  const message = { type: 'string', encrypted: true }
  const tools = [
    {
      type: 'namespace',
      name: 'collaboration',
      description: 'Agents',
      tools: [
        { type: 'function', name: 'spawn_agent', parameters: { type: 'object', properties: { message } } },
        { type: 'function', name: 'wait_agent', parameters: { type: 'object', properties: {} } },
      ],
    },
  ]
  const chat = decode({ model: 'm', input: 'Hi', tools })

  function called(name: string, text: string): Json[] {
    const events: ChatEvent[] = [
      { type: 'start' },
      { type: 'tool-call', index: 0, id: 'call_1', name: `collaboration__${name}`, kind: 'function' },
      { type: 'tool-call-delta', index: 0, arguments: text },
      { type: 'finish', reason: 'tool_calls' },
    ]
    const output = encoder({ model: 'm', includeUsage: true, chat })
    const stream = events.map((event) => output.push(event)).join('') + output.end()
    const done = /^event: response.output_item.done\ndata: (.*)$/m.exec(stream)?.[1] ?? '{}'
    const whole = encode(answerOf(events), { model: 'm', includeUsage: true, chat }) as Json
    return [(JSON.parse(done) as Json)['item'] as Json, listOf(whole['output'])[0] ?? {}]
  }

  test('is offered to Gemini without a word of encryption', () => {
    expect(JSON.stringify(geminiGenerateContent().request(chat))).not.toContain('encrypted')
  })

  test('says that nothing in it is encrypted', () => {
    for (const item of called('spawn_agent', '{"message":"List the files"}')) {
      expect(item).toMatchObject({ namespace: 'collaboration', name: 'spawn_agent', encrypted_function_args: [] })
    }
  })

  test.each([
    ['is encrypted', 'spawn_agent', JSON.stringify({ message: ENCRYPTED })],
    ['never would be', 'wait_agent', '{}'],
  ])('says nothing of it where it %s', (_, name, text) => {
    for (const item of called(name, text)) expect(item).not.toHaveProperty('encrypted_function_args')
  })
})
