import { ChatError } from '../chat/index.ts'
import type { Hooks } from '../hooks.ts'
import { isOver } from '../async/waiting.ts'
import { EventStream } from './event-stream.ts'
import type { Live } from './live.ts'
import type { LiveRequest, Overview, PageEvents } from './types.ts'

/** Milliseconds between two looks, while somebody looks. */
const TICK_MS = 400
/** An overview asks the database. */
const OVERVIEW_MS = 1200
const MOST_PAGES = 20

export interface PagesOptions {
  live: Pick<Live, 'requests' | 'watch'>
  overview: () => Promise<Overview>
  hooks: Hooks
}

/** The pages that are open, each told of what changes. Nothing is looked at while there is none. */
export class Pages {
  readonly #options: PagesOptions
  /** With whether each may still be told. */
  readonly #pages = new Map<EventStream<PageEvents>, () => boolean>()
  #timer: NodeJS.Timeout | undefined
  /** What the pages know, as JSON: of each request by its key, and of the rest. */
  #known = new Map<string, string>()
  #overview = ''
  #lookedAt = 0
  #looking = false

  constructor(options: PagesOptions) {
    this.#options = options
    for (const name of ['stop', 'close'] as const) options.hooks.hook(name, () => this.close())
  }

  /**
   * A page opens: it is told all there is, then what changes.
   * @param allowed asked again and again: the key that opened it may be revoked, its session may be over
   * @throws {ChatError} 429 where there are too many.
   */
  async open(allowed: () => boolean): Promise<Response> {
    if (this.#pages.size >= MOST_PAGES) {
      throw new ChatError(`There are ${MOST_PAGES} pages of byok open. Close one of them.`, {
        status: 429,
        type: 'rate_limit_error',
        code: 'too_many_pages',
      })
    }
    this.#options.live.watch()
    const overview = await this.#options.overview()
    const page = new EventStream<PageEvents>(() => {
      this.#pages.delete(page)
      if (this.#pages.size === 0) this.#stop()
    })
    this.#pages.set(page, allowed)
    page.send('overview', overview)
    page.send('requests', this.#options.live.requests)
    this.#timer ??= setInterval(() => void this.look(), TICK_MS).unref()
    return page.response
  }

  /** Tells the pages what has changed. */
  async look(): Promise<void> {
    for (const [page, allowed] of this.#pages) if (!allowed()) page.end()
    const changed = this.#changedRequests()
    if (changed.length > 0) for (const page of this.#pages.keys()) page.send('changed', changed)
    if (this.#looking || !isOver(this.#lookedAt, OVERVIEW_MS)) return
    this.#looking = true
    try {
      const overview = await this.#options.overview()
      const text = JSON.stringify(overview)
      if (text !== this.#overview) for (const page of this.#pages.keys()) page.send('overview', overview)
      this.#overview = text
    } catch {
      // The database may be gone for a while; pages keep what they have.
    } finally {
      this.#lookedAt = Date.now()
      this.#looking = false
    }
  }

  close(): void {
    for (const page of this.#pages.keys()) page.end()
  }

  #changedRequests(): LiveRequest[] {
    const now = new Map<string, string>()
    const changed: LiveRequest[] = []
    for (const request of this.#options.live.requests) {
      const text = JSON.stringify(request)
      now.set(request.key, text)
      if (this.#known.get(request.key) !== text) changed.push(request)
    }
    this.#known = now
    return changed
  }

  #stop(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
    this.#known.clear()
    this.#overview = ''
  }
}
