import type { Driver } from 'unstorage'
import lruCache from 'unstorage/drivers/lru-cache'
import type { Config } from '../config/schema.ts'

/** Small entries cost little; this keeps their number in bounds too. Room for them all is made at the start, which takes a while. */
const MOST_ENTRIES = 25_000

/** This process's memory, up to a size and for a time; the longest unused go first. */
export function memoryDriver({ max_bytes: maxSize, lifetime: ttl }: Config['responses']): Driver {
  return lruCache({ max: MOST_ENTRIES, maxSize, ttl }) as Driver
}
