import { listen } from '../../adapters/listen.ts'
import type { ListenOptions, Listening } from '../../adapters/listen.ts'
import type { Byok, ByokOptions } from '../../core/byok.ts'
import { isFromPrimary } from './messages.ts'
import type { FromWorker, Order, Start } from './messages.ts'

/**
 * A worker's part of `byok serve`: begins with what the primary says, listens where it says, and obeys it alone. A signal that
 * reaches the whole group, as Ctrl-C does, is the primary's to act on.
 */
export async function runWorker(
  create: (options: Pick<ByokOptions, 'configTexts'>) => Promise<Byok>,
  options: ListenOptions,
): Promise<Byok> {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})
  const state: { obey?: (order: Order) => void; listening?: Listening } = {}
  // Those that come before there is a byok to obey them.
  const early = new Map<Order['byok'], Order>()
  // Before all else that listens: Node keeps messages until then, and no longer.
  const started = new Promise<Start>((resolve) => {
    process.on('message', (message) => {
      if (!isFromPrimary(message) || message.byok === 'memory') return
      if (message.byok === 'start') resolve(message)
      else if (state.obey) state.obey(message)
      else early.set(message.byok, message)
    })
  })
  tell({ byok: 'hello' })
  const { configTexts, peer } = await started
  const [first, ...later] = configTexts.map((texts) => new Map(texts))
  const byok = await create({ ...(first && { configTexts: [first, later.at(-1)] }) })

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
  const obey = (order: Order) => {
    if (order.byok === 'stop') void stop()
    // What is wrong is logged, and the last good config stays. What there is to warn of, the primary has said.
    else void byok.reload({ quiet: true, configTexts: new Map(order.configTexts) }).catch(() => {})
  }
  for (const order of early.values()) obey(order)
  state.obey = obey
  state.listening = await listen(byok, { ...options, ...(peer && { peer }) })
  const { close: _, ...told } = state.listening
  tell({ byok: 'listening', listening: told })
  return byok
}

function tell(message: FromWorker): void {
  process.send?.(message, () => {})
}
