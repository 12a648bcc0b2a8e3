import type { Driver } from 'unstorage'
import lruCache from 'unstorage/drivers/lru-cache'
import type { Config } from '../config/schema.ts'

/** What an entry takes besides its key and its text, about. */
const ENTRY_BYTES = 256

/**
 * This process's memory, up to a size and for a time; the longest unused go first. A number of entries is no bound of it: room for
 * them all would be made at the start, which takes longer than all else that makes a byok.
 */
export function memoryDriver({ max_bytes: maxSize, lifetime: ttl }: Config['responses']): Driver {
  return lruCache({ max: 0, maxSize, ttl, sizeCalculation }) as Driver
}

function sizeCalculation(text: string, key: string): number {
  return ENTRY_BYTES + key.length + Buffer.byteLength(text)
}
