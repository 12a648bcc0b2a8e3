/** Hosts that a client on this machine reaches by the name localhost. */
const LOCALHOST = ['localhost', '127.0.0.1', '0.0.0.0', '::']

/** Where clients find what listens, without a path, such as `http://localhost:8018`. @param host with or without brackets around IPv6 */
export function addressOf({ host, port, secure }: { host: string; port: number; secure: boolean }): string {
  const bare = bareHost(host)
  const shown = LOCALHOST.includes(bare) ? 'localhost' : bare
  return `${secure ? 'https' : 'http'}://${shown.includes(':') ? `[${shown}]` : shown}:${port}`
}

/** Whether a text is the address of a server, to which paths can be added. */
export function isServerUrl(text: string): boolean {
  const { protocol = '', search = '', hash = '' } = URL.canParse(text) ? new URL(text) : {}
  return /^https?:$/.test(protocol) && search === '' && hash === ''
}

/** A host without the brackets that an IPv6 address stands in, in URLs as in config. */
export function bareHost(host: string): string {
  return host.replace(/^\[(.*)\]$/, '$1')
}
