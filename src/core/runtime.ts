/** Cloudflare's workers say who they are by this name (developers.cloudflare.com/workers/runtime-apis/web-standards, "navigator"). */
export function isWorker(): boolean {
  const { navigator } = globalThis as { navigator?: { userAgent?: string } }
  return navigator?.userAgent === 'Cloudflare-Workers'
}
