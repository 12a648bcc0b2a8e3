import { describe, expect, it } from 'vitest'
import { readError } from '../../../src/plugins/kiro/errors.ts'

describe('errors by HTTP', () => {
  const cases: [string, unknown, number, string | undefined, object | undefined][] = [
    [
      'a name in a header',
      { message: 'No.' },
      403,
      'AccessDeniedException:http://internal/',
      { status: 403, message: 'No.' },
    ],
    [
      'a name in the body',
      { __type: 'com.amazon#ThrottlingException', Message: 'Slow.' },
      400,
      undefined,
      { status: 429, message: 'Slow.' },
    ],
    [
      'a reason alone',
      { message: 'Busy.', reason: 'INSUFFICIENT_MODEL_CAPACITY' },
      400,
      undefined,
      { status: 503, message: 'Busy. (INSUFFICIENT_MODEL_CAPACITY)' },
    ],
    [
      'a reason it does not know',
      { message: 'Hm.', reason: 'IMAGE_COUNT_EXCEEDED' },
      400,
      undefined,
      { code: 'image_count_exceeded' },
    ],
    [
      'a bad token as a 403',
      { message: 'The bearer token included in the request is invalid.', reason: null },
      403,
      'AccessDeniedException',
      { status: 401 },
    ],
    [
      'the month’s limit in old words',
      { message: 'Maximum com.amazon…GenerateAssistantResponse reached for this month.' },
      400,
      undefined,
      { type: 'insufficient_quota' },
    ],
    ['a 402 of whatever form', '<html>', 402, undefined, { status: 429, type: 'insufficient_quota' }],
    ['what is not Kiro’s', '<html>', 502, undefined, undefined],
  ]
  it.each(cases)('read %s', (_name, body, status, type, expected) => {
    const headers = new Headers(type === undefined ? {} : { 'x-amzn-errortype': type })
    const info = readError(body, status, headers)
    if (expected) expect(info).toMatchObject(expected)
    else expect(info).toBeUndefined()
  })
})
