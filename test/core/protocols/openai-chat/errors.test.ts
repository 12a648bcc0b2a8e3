import { describe, expect, it } from 'vitest'
import { ChatError } from '../../../../src/core/chat/index.ts'
import { openaiChat, openaiChatProtocol } from '../../../../src/core/protocols/openai-chat/index.ts'

describe('errors of providers', () => {
  const read = (body: unknown) => openaiChat().error?.(body, 400, new Headers())

  it.each<[string, unknown, unknown]>([
    [
      'OpenAI',
      { error: { message: 'Incorrect API key', type: 'invalid_request_error', param: null, code: 'invalid_api_key' } },
      { message: 'Incorrect API key', type: 'invalid_request_error', code: 'invalid_api_key' },
    ],
    [
      'a quota',
      { error: { message: 'm', type: 'insufficient_quota', param: null, code: 'insufficient_quota' } },
      { message: 'm', type: 'insufficient_quota', code: 'insufficient_quota' },
    ],
    [
      'a limit of money, which is no fault of the request',
      { error: { message: 'm', type: 'invalid_request_error', param: null, code: 'billing_hard_limit_reached' } },
      { message: 'm', type: 'insufficient_quota', code: 'billing_hard_limit_reached', status: 429 },
    ],
    [
      'a rate limit, whose type is what was counted',
      { error: { message: 'm', type: 'tokens', param: null, code: 'rate_limit_exceeded' } },
      { message: 'm', code: 'rate_limit_exceeded' },
    ],
    [
      'a parameter',
      { error: { message: 'm', type: 'invalid_request_error', param: 'messages', code: null } },
      { message: 'm', type: 'invalid_request_error', param: 'messages' },
    ],
    [
      'vLLM',
      { object: 'error', message: 'm', type: 'BadRequestError', param: null, code: 400 },
      { message: 'm', code: 'BadRequestError', status: 400 },
    ],
    [
      'vLLM, of a prompt that does not fit',
      { message: "This model's maximum context length is 9 tokens.", type: 'BadRequestError', code: 400 },
      { message: "This model's maximum context length is 9 tokens.", code: 'context_length_exceeded', status: 400 },
    ],
    [
      'llama.cpp, of a prompt that does not fit',
      {
        error: {
          code: 400,
          message: 'the request exceeds the available context size. try increasing the context size',
          type: 'exceed_context_size_error',
          n_ctx: 256,
        },
      },
      {
        message: 'the request exceeds the available context size. try increasing the context size',
        code: 'context_length_exceeded',
        status: 400,
      },
    ],
    [
      'DeepSeek, of a prompt that does not fit',
      {
        error: {
          message: "This model's maximum context length is 9 tokens.",
          type: 'invalid_request_error',
          code: 'invalid_request_error',
        },
      },
      {
        message: "This model's maximum context length is 9 tokens.",
        type: 'invalid_request_error',
        code: 'context_length_exceeded',
      },
    ],
    ['Ollama', { error: 'model not found' }, { message: 'model not found' }],
    [
      'LM Studio, of a path that is not there',
      { error: 'Unexpected endpoint or method. (POST /chat/completions)' },
      {
        message:
          "Unexpected endpoint or method. (POST /chat/completions). Check the provider's `base_url`, which ends in /v1 for most servers.",
        type: 'not_found_error',
        status: 404,
      },
    ],
    ['Google', [{ error: { code: 404, message: 'm', status: 'NOT_FOUND' } }], { message: 'm', status: 404 }],
    [
      'OpenRouter, with the quoted answer',
      {
        error: {
          code: 502,
          message: 'Provider returned error',
          metadata: { provider_name: 'X', raw: '{"error":{"message":"too long"}}' },
        },
      },
      { message: 'Provider returned error: too long', status: 502 },
    ],
    [
      'OpenRouter, quoting text',
      { error: { message: 'Provider returned error', metadata: { raw: 'busy' } } },
      { message: 'Provider returned error: busy' },
    ],
    [
      'FastAPI',
      { detail: [{ loc: ['body', 'model'], msg: 'field required' }] },
      { message: 'body.model: field required' },
    ],
    ['FastAPI, in words', { detail: 'Not authenticated' }, { message: 'Not authenticated' }],
    ['a status as text', { status: '449', msg: 'slow down' }, { status: 449, message: 'slow down' }],
    ['text', 'upstream connect error', { message: 'upstream connect error' }],
    ['a page', '<html>502</html>', undefined],
    ['nothing', '', undefined],
    ['null', null, undefined],
  ])('reads %s', (_, body, expected) => {
    expect(read(body)).toEqual(expected)
  })

  it.each([
    ['LM Studio', 'The number of tokens to keep from the initial prompt is greater than the context length.'],
    ['MiniMax', 'invalid params, context window exceeds limit (2013)'],
    ['Bedrock', 'Input is too long for requested model.'],
    ['Ollama', 'prompt too long; exceeded max context length by 5000 tokens'],
    ['Poolside', 'Input length 300000 exceeds the maximum allowed input length of 262144 tokens.'],
    ["Google's own format of OpenAI's", 'The input token count (9) exceeds the maximum number of tokens allowed (8).'],
    ['Moonshot by another name', 'Your request exceeded model token limit: 262144 (requested: 300000)'],
    ['Model Studio by another name', 'Range of input length should be [1, 129024]'],
    ['Anthropic by another name', 'prompt is too long: 9 tokens > 8 maximum'],
  ])('knows what %s says of a prompt that does not fit', (_, message) => {
    expect(read({ error: { message, type: 'invalid_request_error' } })).toMatchObject({
      message,
      code: 'context_length_exceeded',
    })
  })

  it("asks the vendor's own reader first", () => {
    const { error } = openaiChat({ error: (body) => (body === 'odd' ? { message: 'known' } : undefined) })
    expect(error?.('odd', 400, new Headers())).toEqual({ message: 'known' })
    expect(error?.('other', 400, new Headers())).toEqual({ message: 'other' })
  })
})

describe('errors for clients', () => {
  it("have OpenAI's four fields", () => {
    const error = new ChatError('No.', { status: 404, code: 'model_not_found', param: 'model' })
    expect(openaiChatProtocol.encodeError(error)).toEqual({
      error: { message: 'No.', type: 'not_found_error', param: 'model', code: 'model_not_found' },
    })
  })

  it('name the provider behind', () => {
    const error = new ChatError('No.', {
      status: 429,
      provider: 'claude',
      upstreamStatus: 429,
      upstreamRequestId: 'req_1',
    })
    expect(openaiChatProtocol.encodeError(error)).toMatchObject({
      error: { param: null, code: null, provider: 'claude', upstream_status: 429, upstream_request_id: 'req_1' },
    })
  })

  it('are one event in a stream', () => {
    const text = openaiChatProtocol.encodeStreamError(new ChatError('Line\nbreak', { status: 502 }))
    expect(text).toMatch(/^data: \{"error":\{"message":"Line\\nbreak","type":"server_error",.*\}\}\n\n$/)
  })
})
