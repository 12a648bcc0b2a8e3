import { LATE, sleep, within } from '../async/waiting.ts'
import { isUnderWay } from './store.ts'
import type { ResponseStore } from './store.ts'

/** Between two looks at what another process has stored of a stream. */
const LOOK_MS = 500

/** What events a store has of a response's stream, and gets until the response has its end. Like `EventLog.from`. */
export async function* storedEvents(
  store: ResponseStore,
  id: string,
  { next, gone }: { next: number; gone: AbortSignal },
): AsyncGenerator<string, void, undefined> {
  let at = 0
  for (let part = 0; ;) {
    // Asked before: the last part is stored before the end is.
    const stored = await store.get(id)
    const events = await store.events(id, part)
    if (events) {
      const wanted = events.slice(Math.max(0, next - at))
      at += events.length
      part++
      if (wanted.length > 0) yield wanted.join('')
    } else if (!stored || !isUnderWay(stored.response)) return
    else await sleep(LOOK_MS, gone)
  }
}

/** An answer that is such events. Its client may leave: what is streamed goes on. */
export function eventStream(
  events: (gone: AbortSignal) => AsyncGenerator<string, void, undefined>,
  keepAlive: number,
): Response {
  const gone = new AbortController()
  const source = events(gone.signal)
  const encoder = new TextEncoder()
  let pending: Promise<IteratorResult<string, void>> | undefined
  // The head goes with the first piece, which is a comment where no event is there yet.
  let patience = 0
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        pending ??= source.next()
        const read = await (patience === Infinity ? pending : within(pending, patience))
        patience = keepAlive > 0 ? keepAlive : Infinity
        if (gone.signal.aborted) return
        if (read === LATE) return controller.enqueue(encoder.encode(': keep-alive\n\n'))
        pending = undefined
        if (read.done) controller.close()
        else controller.enqueue(encoder.encode(read.value))
      },
      cancel() {
        pending?.catch(() => {})
        gone.abort()
        void source.return()
      },
    },
    { highWaterMark: 0 },
  )
  // nginx and its kin would else collect the stream before passing it on.
  const headers = {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
    'x-accel-buffering': 'no',
  }
  return new Response(body, { headers })
}
