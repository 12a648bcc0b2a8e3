import { expect, it } from 'vitest'
import { openaiChatProtocol } from '../../../../src/core/protocols/openai-chat/index.ts'
import type { StreamTail } from '../../../../src/core/protocols/protocol.ts'

const text = 'data: {"choices":[{"index":0,"delta":{"content":"hi"},"finish_reason":null}]}\n\n'
const finish = 'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":null}\n\n'
const usage = 'data: {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}\n\n'
const done = 'data: [DONE]\n\n'
const counted = { usage: { input: 3, output: 2 } }
const finished = { finish: ['stop'] }
const ended = { complete: true, ended: true }

it.each<[string, string, StreamTail]>([
  ['a whole stream', text + finish + usage + done, { ...ended, append: '', ...counted, ...finished }],
  [
    'spaces where some servers write them',
    (text + finish + usage).replaceAll('":', '": ') + done,
    { ...ended, append: '', ...counted, ...finished },
  ],
  ['a first line that is cut', `oices":[]}\n\n${finish}${done}`, { ...ended, append: '', ...finished }],
  ['CRLF', (finish + done).replaceAll('\n', '\r\n'), { ...ended, append: '', ...finished }],
  ['[DONE] without its blank line', text + finish + 'data: [DONE]', { ...ended, append: '\n\n', ...finished }],
  ['no [DONE]', text + finish + usage, { complete: true, append: done, ...counted, ...finished }],
  ['no [DONE] and no blank line', text + finish.trimEnd(), { complete: true, append: `\n\n${done}`, ...finished }],
  ['an error of the provider', `${text}data: {"error":{"message":"x"}}\n\n`, { ...ended, failed: true, append: '' }],
  [
    'an error before its end',
    `${text}data: {"error":{"message":"x"},"choices":[]}\n\n${done}`,
    { ...ended, failed: true, append: '' },
  ],
  ['an error by its name alone', `${text}event: error\ndata: {"message":"x"}\n\n`, { complete: false, append: '' }],
  ['a field for errors that is empty', `data: {"choices":[],"error":null}\n\n${done}`, { ...ended, append: '' }],
  ['[DONE] after an answer that broke off', text + usage + done, { complete: false, append: '', ...counted }],
  [
    '[DONE] after an empty finish reason',
    `data: {"choices":[{"delta":{"content":"hi"},"finish_reason":""}]}\n\n${done}`,
    { complete: false, append: '' },
  ],
  [
    'a finish reason further back than what Azure says of filters',
    `data: {"choices":[{"index":0,"finish_reason":null,"content_filter_offsets":{"start_offset":0}}]}\n\n${done}`,
    { ...ended, append: '' },
  ],
  ['a cut after text', text, { complete: false, append: '' }],
  ['a cut within an event', text + finish.slice(0, 30), { complete: false, append: '' }],
  ['nothing', '', { complete: false, append: '' }],
  [
    '[DONE] within text only',
    'data: {"choices":[{"delta":{"content":"data: [DONE]"}}]}\n\n',
    { complete: false, append: '' },
  ],
])('reads the end of a stream: %s', (_, tail, expected) => {
  expect(openaiChatProtocol.inspectTail(tail)).toEqual(expected)
})
