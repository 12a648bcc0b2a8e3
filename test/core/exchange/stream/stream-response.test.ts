import { expect, it, onTestFinished, vi } from 'vitest'
import { Abort } from '../../../../src/core/async/abort.ts'
import { streamResponse } from '../../../../src/core/exchange/stream/stream-response.ts'
import { newInfo } from '../../../../src/core/exchange/info.ts'
import { openaiChatProtocol } from '../../../../src/core/protocols/openai-chat/index.ts'
import { ChatError } from '../../../../src/core/chat/index.ts'

it('a comment that keeps the client waiting is not the answer’s first byte', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const pieces: ((piece: Uint8Array | undefined) => void)[] = []
  let begun = 0
  const answering = streamResponse(newInfo('POST', '/v1/chat/completions'), {
    source: {
      atBoundary: () => true,
      begun: () => undefined,
      next: () => new Promise((resolve) => void pieces.push(resolve)),
    },
    protocol: openaiChatProtocol,
    keepAlive: 1000,
    client: new Abort(),
    toNode: false,
    onFirstByte: () => begun++,
    onError: () => new ChatError('none', { status: 500 }),
    onEnd: () => {},
    onCancel: () => {},
  })
  await vi.advanceTimersByTimeAsync(1000)
  const reader = (await answering).body?.getReader()
  const next = async () => Buffer.from((await reader?.read())?.value ?? []).toString()
  expect(await next()).toBe(': keep-alive\n\n')
  expect(begun).toBe(0)
  const first = next()
  await vi.waitFor(() => expect(pieces).toHaveLength(1))
  pieces.shift()?.(Buffer.from('data: 1\n\n'))
  expect(await first).toBe('data: 1\n\n')
  expect(begun).toBe(1)
})
