import { expect, it } from 'vitest'
import { geminiProtocol } from '../../../../src/core/protocols/gemini/index.ts'
import type { StreamTail } from '../../../../src/core/protocols/protocol.ts'

const part = (text: string, more = '') =>
  `data: {"candidates":[{"content":{"parts":[{"text":${text}}]}${more}}]}\r\n\r\n`
const text = part('"hi"')
const error = { error: { code: 503, message: 'Busy.', status: 'UNAVAILABLE' } }

it.each<[string, string, StreamTail]>([
  ['whole', text + part('""', ',"finishReason":"STOP"'), { complete: true, append: '', finish: ['STOP'] }],
  [
    'whole, of a last message that is cut',
    '"}],"finishReason":"MAX_TOKENS"}]}\r\n\r\n',
    { complete: true, append: '', finish: ['MAX_TOKENS'] },
  ],
  ['an error', `${text}data: ${JSON.stringify(error)}\r\n\r\n`, { complete: true, failed: true, append: '' }],
  ['an error as it stands', `${text}${JSON.stringify(error, null, 2)}\n`, { complete: true, failed: true, append: '' }],
  ['an error that is cut', `${text}${JSON.stringify(error, null, 2).slice(0, 40)}`, { complete: false, append: '' }],
  ['the word within text', part(JSON.stringify(`\n${JSON.stringify(error)}\n`)), { complete: false, append: '' }],
  ['cut', text, { complete: false, append: '' }],
])('reads the end of a stream: %s', (_, tail, expected) => {
  expect(geminiProtocol.inspectTail(tail)).toEqual(expected)
})
