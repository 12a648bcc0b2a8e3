import { computed, effect, signal } from '@preact/signals'
import type { LiveRequest, Overview, PageEvents } from '../../core/ui/types.ts'
import { ask } from './api.ts'
import { ApiError } from './error.ts'
import { readEvents } from './events.ts'
import type { Handlers } from './events.ts'
import { locked } from './session.ts'

/** How byok and its accounts are; `undefined` until it has said so. */
export const overview = signal<Overview>()

/** Newest first. */
export const requests = signal<LiveRequest[]>([])

/** How the page hears of it all. `off`: config says `ui: false`. */
export const connection = signal<'connecting' | 'open' | 'lost' | 'off'>('connecting')

/** Why byok does not let this page listen, in its own words. */
export const refusal = signal<string>()

export const underWay = computed(() => requests.value.filter(({ endedAt }) => endedAt === undefined).length)

/** How many of the requests are over, so that what is counted of them can be asked for anew. */
export const lastEnd = computed(() => Math.max(0, ...requests.value.map(({ endedAt }) => endedAt ?? 0)))

/** byok remembers 100 that are over. */
const MOST_REQUESTS = 200
const FIRST_WAIT_MS = 500
const LONGEST_WAIT_MS = 10_000
/** byok says something each 15 s at least. */
const LONGEST_SILENCE_MS = 40_000

/** Listens to byok as long as the page is looked at: a browser has six connections for all of its pages of byok. */
export async function follow(): Promise<never> {
  let wait = FIRST_WAIT_MS
  for (;;) {
    await seen()
    const unseen = new AbortController()
    const stop = () => document.hidden && unseen.abort()
    document.addEventListener('visibilitychange', stop)
    const silent = silence()
    try {
      const response = await ask('events', { signal: AbortSignal.any([unseen.signal, silent.signal]) })
      refusal.value = undefined
      const handlers: Handlers<PageEvents> = {
        overview: (now) => {
          overview.value = now
          connection.value = 'open'
          wait = FIRST_WAIT_MS
        },
        requests: (all) => void (requests.value = all),
        changed: (some) => void (requests.value = merged(requests.value, some)),
      }
      await readEvents(response, handlers, silent.heard)
      connection.value = 'lost'
    } catch (error) {
      if (unseen.signal.aborted) continue
      if (error instanceof ApiError && error.code === 'admin_only') {
        await unlocked()
        continue
      }
      refusal.value = error instanceof ApiError && error.status > 0 ? error.message : undefined
      connection.value = error instanceof ApiError && error.status === 404 ? 'off' : 'lost'
    } finally {
      document.removeEventListener('visibilitychange', stop)
      silent.end()
    }
    await new Promise((resolve) => setTimeout(resolve, wait))
    wait = Math.min(wait * 2, LONGEST_WAIT_MS)
  }
}

/**
 * Aborts a connection over which nothing came for too long. Of a machine that went to sleep, or a network that is gone, a browser
 * learns nothing by itself, and the page would go on to say that it is live.
 */
function silence() {
  const abort = new AbortController()
  let timer: ReturnType<typeof setTimeout>
  const end = () => clearTimeout(timer)
  const heard = () => {
    end()
    timer = setTimeout(() => abort.abort(), LONGEST_SILENCE_MS)
  }
  heard()
  return { signal: abort.signal, heard, end }
}

function merged(before: readonly LiveRequest[], changed: readonly LiveRequest[]): LiveRequest[] {
  const byKey = new Map([...before, ...changed].map((request) => [request.key, request]))
  return [...byKey.values()].sort((a, b) => b.startedAt - a.startedAt).slice(0, MOST_REQUESTS)
}

function seen(): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (document.hidden) return
      document.removeEventListener('visibilitychange', look)
      resolve()
    }
    document.addEventListener('visibilitychange', look)
    look()
  })
}

function unlocked(): Promise<void> {
  return new Promise((resolve) => {
    const stop = effect(() => {
      if (locked.value) return
      queueMicrotask(() => {
        stop()
        resolve()
      })
    })
  })
}
