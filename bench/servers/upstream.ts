/**
 * A vendor that answers at once, so that what is measured is what stands before it. It speaks just enough HTTP over plain
 * sockets: with `node:http` here, the vendor would be slower than what is to be measured.
 *
 * A model named `bench-EVENTS-INTERVAL-TIMES` asks for a stream of that many events, so many milliseconds apart (0: at the
 * reader's pace), each chunk that many events at once. Prints its address on the first line.
 */
import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { answerOf, head } from './canned.ts'
import type { Canned } from './canned.ts'

const END_OF_HEAD = Buffer.from('\r\n\r\n')
const END_OF_CHUNKS = Buffer.from('0\r\n\r\n')
const NOT_FOUND = Buffer.from('HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n')

interface Plan {
  events: number
  interval: number
  times: number
}

function answer(socket: Socket, requestHead: string, body: Buffer): void {
  const path = requestHead.slice(requestHead.indexOf(' ') + 1, requestHead.indexOf(' HTTP/'))
  // Lists of models, of which this vendor has none.
  if (requestHead.startsWith('GET ')) return void socket.write(NOT_FOUND)
  const wanted = body.byteLength < 65_536 ? body.toString('latin1') : body.subarray(0, 4096).toString('latin1')
  const canned = answerOf(path, wanted)
  const plan = /bench-(\d+)-(\d+)-(\d+)/.exec(path + wanted)
  if (!plan) return void socket.write(canned.json)
  const [events = 0, interval = 0, times = 1] = plan.slice(1).map(Number)
  void stream(socket, canned, { events, interval, times })
}

async function stream(socket: Socket, canned: Canned, { events, interval, times }: Plan): Promise<void> {
  socket.cork()
  socket.write(head(canned.type))
  socket.write(canned.first)
  socket.uncork()
  const part = times === 1 ? canned.event : Buffer.concat(Array.from({ length: times }, () => canned.event))
  if (interval > 0) {
    let left = events
    const timer = setInterval(() => {
      if (socket.destroyed) return clearInterval(timer)
      if (left-- > 0) return void socket.write(part)
      clearInterval(timer)
      socket.write(canned.last)
    }, interval)
    return
  }
  for (let sent = 0; sent < events && !socket.destroyed; sent += times) {
    if (!socket.write(part)) {
      await new Promise<void>((resolve) => {
        socket.once('drain', resolve)
        socket.once('close', resolve)
      })
    }
  }
  if (!socket.destroyed) socket.write(canned.last)
}

const server = createServer({ noDelay: true }, (socket) => {
  let parts: Buffer[] = []
  let have = 0
  let need = 0
  socket.on('error', () => {})
  socket.on('data', (bytes: Buffer) => {
    parts.push(bytes)
    have += bytes.byteLength
    // A large body is looked at again only when it can be whole.
    if (have < need) return
    let buffer = parts.length === 1 ? bytes : Buffer.concat(parts)
    need = 0
    for (;;) {
      const end = buffer.indexOf(END_OF_HEAD)
      if (end < 0) break
      const requestHead = buffer.toString('latin1', 0, end)
      const start = end + END_OF_HEAD.byteLength
      const length = /\r\ncontent-length: *(\d+)/i.exec(requestHead)?.[1]
      let next = start + Number(length ?? 0)
      if (length === undefined && /\r\ntransfer-encoding: *chunked/i.test(requestHead)) {
        const last = buffer.indexOf(END_OF_CHUNKS, start)
        next = last < 0 ? Infinity : last + END_OF_CHUNKS.byteLength
      }
      if (next > buffer.byteLength) {
        need = next === Infinity ? buffer.byteLength + 1 : next
        break
      }
      answer(socket, requestHead, buffer.subarray(start, next))
      buffer = buffer.subarray(next)
    }
    parts = [buffer]
    have = buffer.byteLength
  })
})
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`)
})
