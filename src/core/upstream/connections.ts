import { subscribe, unsubscribe } from 'node:diagnostics_channel'

/** https://undici.nodejs.org/#/docs/api/DiagnosticsChannel */
const CONNECTED = 'undici:client:connected'

/** Counts the connections that undici opens, through proxies too: a request between whose two counts none was opened went by an old one. */
export class Connections {
  readonly #count = () => void this.opened++
  /** How many so far. Others in this process may open some of them. */
  opened = 0

  constructor() {
    subscribe(CONNECTED, this.#count)
  }

  close(): void {
    unsubscribe(CONNECTED, this.#count)
  }
}
