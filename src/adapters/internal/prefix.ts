/** A path to mount under, without the slash at its end; empty for the root. */
export function basePath(prefix: string): string {
  const base = prefix.replace(/\/+$/, '')
  if (base !== '' && !base.startsWith('/')) throw new TypeError(`prefix must start with a slash: ${prefix}`)
  return base
}

/** A path (with or without a query) below a base, from the base on; `undefined` where it is another's. */
export function pathBelow(base: string, url: string): string | undefined {
  const [path = ''] = url.split('?', 1)
  if (path !== base && !path.startsWith(`${base}/`)) return undefined
  const rest = url.slice(base.length)
  return rest.startsWith('/') ? rest : `/${rest}`
}

/** What a host cut off a path (with or without a query) before it handed on the rest; empty where that is not to be told. */
export function cutOff(whole: string, rest: string): string {
  const [path = ''] = whole.split('?', 1)
  const [below = ''] = rest.split('?', 1)
  if (path.endsWith(below)) return path.slice(0, path.length - below.length).replace(/\/+$/, '')
  // `/ai` is handed on as `/`.
  return below === '/' ? path : ''
}
