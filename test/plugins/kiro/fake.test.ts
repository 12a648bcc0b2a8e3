import { describe, expect, it } from 'vitest'
import { checkConversation } from '../../upstreams/kiro-check.ts'
import type { WireObject } from '../../upstreams/openai-chat-check.ts'
import { fakeKiro } from './support.ts'

const ask = (content: string, more = {}) => ({
  userInputMessage: { content, modelId: 'auto', origin: 'KIRO_CLI', ...more },
})
const say = (content: string, more = {}) => ({ assistantResponseMessage: { content, ...more } })
const offer = (spec: object = {}) => ({
  tools: [
    { toolSpecification: { name: 'look', description: 'Looks.', inputSchema: { json: { type: 'object' } }, ...spec } },
  ],
})
const results = (...ids: string[]) => ({
  toolResults: ids.map((toolUseId) => ({ toolUseId, content: [{ text: 'r' }], status: 'success' })),
})
const uses = (...ids: string[]) => ({ toolUses: ids.map((toolUseId) => ({ toolUseId, name: 'look', input: {} })) })

function refusal(history: object[], current: object, more: object = {}): string | null | undefined {
  const conversationId = '00000000-0000-4000-8000-000000000000'
  const conversationState = { conversationId, chatTriggerType: 'MANUAL', history, currentMessage: current, ...more }
  const fault = checkConversation({ conversationState } satisfies WireObject, new Set())
  return fault && (fault.reason ?? fault.message)
}

describe('the faked Kiro', () => {
  it('takes a good conversation', () => {
    const context = { ...offer(), ...results('a', 'b') }
    const history = [ask('Go'), say('', uses('a', 'b'))]
    expect(refusal(history, ask('', { userInputMessageContext: context }))).toBeUndefined()
  })

  it.each<[string, string, object[], object, object?]>([
    ['turns that do not alternate', 'REQUEST_BODY_INVALID', [ask('a'), ask('b')], ask('c')],
    ['an assistant first', 'REQUEST_BODY_INVALID', [say('a'), ask('b')], ask('c')],
    ['an assistant missing', 'REQUEST_BODY_INVALID', [ask('a')], ask('c')],
    ['no text', 'REQUEST_BODY_INVALID', [], ask(' ')],
    ['an empty answer', 'REQUEST_BODY_INVALID', [ask('a'), say('')], ask('b')],
    ['a strange field', 'REQUEST_BODY_INVALID', [], ask('a', { stop: [] })],
    ['no conversation id', 'REQUEST_BODY_INVALID', [], ask('a'), { conversationId: 'x' }],
    [
      'a strange image',
      'IMAGE_FORMAT_UNSUPPORTED',
      [],
      ask('a', { images: [{ format: 'bmp', source: { bytes: 'aGk=' } }] }),
    ],
    [
      'calls without tools',
      'TOOL_CONFIG_MISSING',
      [ask('a'), say('', uses('a'))],
      ask('', { userInputMessageContext: results('a') }),
    ],
    [
      'results out of order',
      'TOOL_USE_RESULT_MISMATCH',
      [ask('a'), say('', uses('a', 'b'))],
      ask('', { userInputMessageContext: { ...offer(), ...results('b', 'a') } }),
    ],
    ['a result too many', 'TOOL_USE_RESULT_MISMATCH', [], ask('a', { userInputMessageContext: results('a') })],
    [
      'a tool twice',
      'TOOL_DUPLICATE',
      [],
      ask('a', { userInputMessageContext: { tools: [...offer().tools, ...offer().tools] } }),
    ],
    ['a strange tool name', 'REQUEST_BODY_INVALID', [], ask('a', { userInputMessageContext: offer({ name: 'a.b' }) })],
    [
      'a tool without description',
      'REQUEST_BODY_INVALID',
      [],
      ask('a', { userInputMessageContext: offer({ description: '' }) }),
    ],
    [
      'a long description',
      'REQUEST_BODY_INVALID',
      [],
      ask('a', { userInputMessageContext: offer({ description: 'ü'.repeat(5121) }) }),
    ],
    [
      'a schema of no object',
      'TOOL_SCHEMA_INVALID',
      [],
      ask('a', { userInputMessageContext: offer({ inputSchema: { json: {} } }) }),
    ],
    [
      'an empty required',
      'REQUEST_BODY_INVALID',
      [],
      ask('a', { userInputMessageContext: offer({ inputSchema: { json: { type: 'object', required: [] } } }) }),
    ],
    [
      'a proof it never gave',
      'THINKING_SIGNATURE_INVALID',
      [ask('a'), say('b', { reasoningContent: { reasoningText: { text: 't', signature: 's' } } })],
      ask('c'),
    ],
  ])('refuses %s', (_name, reason, history, current, more) => {
    expect(refusal(history, current, more)).toBe(reason)
  })

  it.each<[number, string, Record<string, string>, string]>([
    [404, 'another operation', { 'x-amz-target': 'AmazonCodeWhispererService.Nothing' }, '{}'],
    [415, 'a charset', { 'content-type': 'application/x-amz-json-1.0; charset=utf-8' }, '{}'],
    [400, 'what is no JSON', {}, '{'],
    [403, 'a wrong token', { authorization: 'Bearer wrong' }, '{}'],
    [403, 'a key that is not marked', {}, '{}'],
    [403, 'a key with a profile', { tokentype: 'API_KEY' }, '{"profileArn":"arn:aws:x"}'],
  ])('answers %i to %s', async (status, _name, headers, body) => {
    const fake = await fakeKiro()
    const response = await fetch(fake.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': 'AmazonCodeWhispererStreamingService.GenerateAssistantResponse',
        authorization: 'Bearer ksk_test',
        ...headers,
      },
      body,
    })
    expect(response.status).toBe(status)
    expect(response.headers.get('x-amzn-errortype')).toMatch(/Exception$/)
  })
})
