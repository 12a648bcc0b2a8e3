import { listen } from '../../adapters/listen.ts'
import type { ListenOptions, Listening } from '../../adapters/listen.ts'
import type { Byok } from '../../core/byok.ts'
import { isOurs } from './messages.ts'
import type { FromPrimary, FromWorker } from './messages.ts'

/**
 * A worker's part of `byok serve`: listens where the primary says, and obeys it alone. A signal that reaches the whole group, as
 * Ctrl-C does, is the primary's to act on.
 */
export async function runWorker(byok: Byok, options: ListenOptions): Promise<void> {
  const state: { listening?: Listening } = {}
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})
  const peer = new Promise<ListenOptions['peer']>((resolve) => {
    process.on('message', (message) => {
      if (!isOurs<FromPrimary>(message)) return
      switch (message.byok) {
        case 'start':
          resolve(message.peer)
          return
        case 'reload':
          // What is wrong is logged, and the last good config stays.
          void byok.reload().catch(() => {})
          return
        case 'stop':
          void stop()
          return
        case 'memory':
      }
    })
  })
  const stop = async () => {
    try {
      await state.listening?.close()
      await byok.close()
      process.exit(0)
    } catch (error) {
      byok.logger.error('could not stop cleanly', { fault: String(error) })
      process.exit(1)
    }
  }
  tell({ byok: 'hello' })
  const where = await peer
  state.listening = await listen(byok, { ...options, ...(where && { peer: where }) })
  const { close: _, ...told } = state.listening
  tell({ byok: 'listening', listening: told })
}

function tell(message: FromWorker): void {
  process.send?.(message, () => {})
}
