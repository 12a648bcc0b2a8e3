import type { Certificate } from '../../adapters/internal/certificate.ts'
import type { Listening } from '../../adapters/listen.ts'

/** What a worker tells the primary. */
export type FromWorker =
  /** It runs and wants to know what from and where to listen. */
  | { byok: 'hello' }
  | { byok: 'listening'; listening: Omit<Listening, 'close'> }
  | { byok: 'memory'; id: number; call: MemoryCall }

/** What a worker begins with. */
export interface Start {
  byok: 'start'
  /** What the files of config say, by their paths: as the primary has taken them over, whatever is in them by now. */
  configTexts: [string, string][][]
  /** Others listen already, at this port and with this certificate. */
  peer?: { port: number; certificate?: Certificate }
}

/** What a worker is to do. */
export type Order =
  /** To take over what the primary does: by now a file may be half written, of which it alone knows. */
  { byok: 'reload'; configTexts: [string, string][] } | { byok: 'stop' }

/** What the primary tells a worker. */
export type FromPrimary = Start | Order | { byok: 'memory'; id: number; value?: unknown; fault?: string }

/** One call of an unstorage driver. */
export type MemoryCall =
  | { method: 'hasItem' | 'getItem' | 'removeItem' | 'getKeys'; key: string }
  | { method: 'setItem'; key: string; value: string; ttl?: number }

export const isFromWorker = isOneOf<FromWorker>('hello', 'listening', 'memory')
export const isFromPrimary = isOneOf<FromPrimary>('start', 'reload', 'stop', 'memory')

/** Others may use the channel between the processes too. What says that it is byok's is what another process of the same byok sent. */
function isOneOf<Message extends { byok: string }>(...kinds: Message['byok'][]) {
  return (message: unknown): message is Message =>
    typeof message === 'object' && message !== null && 'byok' in message && kinds.some((kind) => kind === message.byok)
}
