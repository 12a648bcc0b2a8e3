import { cleanName } from '../text/clean-name.ts'
import type { Streams } from '../clients/streams.ts'
import type { Hooks, RequestInfo } from '../hooks.ts'
import type { LiveRequest } from './types.ts'

/** So many requests that are over are remembered. */
const MOST_RECENT = 100

interface Ended {
  info: RequestInfo
  endedAt: number
}

/**
 * The requests for models that are under way at this process, and the last that were since somebody first looked. Says nothing of what
 * was asked or answered. Until somebody looks, it costs requests nothing.
 */
export class Live {
  readonly #hooks: Hooks
  readonly #streams: Pick<Streams, 'open' | 'watched'>
  readonly #recent: Ended[] = []
  readonly #keys = new WeakMap<RequestInfo, string>()
  #count = 0

  constructor({ hooks, streams }: { hooks: Hooks; streams: Pick<Streams, 'open' | 'watched'> }) {
    this.#hooks = hooks
    this.#streams = streams
  }

  /** Remembers requests from now on. */
  watch(): void {
    if (this.#streams.watched) return
    this.#streams.watched = true
    this.#hooks.hook('response', ({ info }) => {
      if (info.protocol === undefined || info.model === undefined) return
      this.#recent.push({ info, endedAt: Date.now() })
      if (this.#recent.length > MOST_RECENT) this.#recent.shift()
    })
  }

  /** All of them, newest first. */
  get requests(): LiveRequest[] {
    const ended = this.#recent.map(({ info, endedAt }) => this.#view(info, endedAt))
    const open = this.#streams.open
      .filter(({ outcome, model }) => outcome === undefined && model !== undefined)
      .map((info) => this.#view(info))
    return [...ended, ...open].sort((a, b) => b.startedAt - a.startedAt)
  }

  #view(info: RequestInfo, endedAt?: number): LiveRequest {
    const { usage } = info
    const view: LiveRequest = {
      key: this.#keyOf(info),
      startedAt: info.startedAt,
      endedAt,
      protocol: info.protocol ?? '',
      model: cleanName(info.model ?? ''),
      provider: info.provider,
      upstreamModel: info.upstreamModel === undefined ? undefined : cleanName(info.upstreamModel),
      account: info.account,
      client: info.client,
      attempts: info.attempts ?? 0,
      firstByteAt: info.firstByteAt,
      sentBytes: info.sentBytes,
      input: usage?.input,
      output: usage?.output,
      estimated: usage?.estimated,
      outcome: info.outcome,
      status: info.status,
      error: info.error,
    }
    return view
  }

  #keyOf(info: RequestInfo): string {
    let key = this.#keys.get(info)
    if (key === undefined) {
      key = String(++this.#count)
      this.#keys.set(info, key)
    }
    return key
  }
}
