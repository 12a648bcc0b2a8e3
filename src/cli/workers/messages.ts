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

/** What the primary tells a worker. */
export type FromPrimary =
  Start | { byok: 'reload' } | { byok: 'stop' } | { byok: 'memory'; id: number; value?: unknown; fault?: string }

/** One call of an unstorage driver. */
export type MemoryCall =
  | { method: 'hasItem' | 'getItem' | 'removeItem' | 'getKeys'; key: string }
  | { method: 'setItem'; key: string; value: string; ttl?: number }

/** Whether a message between processes is one of byok's: others may use the channel too. */
export function isOurs<T extends FromWorker | FromPrimary>(message: unknown): message is T {
  return typeof message === 'object' && message !== null && 'byok' in message && typeof message.byok === 'string'
}
