import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { ChatError } from '../chat/index.ts'

/** A file of the page. */
export interface Asset {
  body: Uint8Array<ArrayBuffer>
  type: string
  etag: string
}

const TYPES = {
  'index.html': 'text/html; charset=utf-8',
  'app.js': 'text/javascript; charset=utf-8',
  'app.css': 'text/css; charset=utf-8',
}

export type AssetName = keyof typeof TYPES

/**
 * The page's files beside the built package's, each by itself and written out: what looks for the files that a program needs, to leave all
 * others behind, finds no others (vercel/nft src/analyze.ts, for Next.js, Nitro and Vercel: of `fs` alone).
 */
const BUILT: Record<AssetName, () => Buffer> = {
  'index.html': () => readFileSync(new URL('./ui/index.html', import.meta.url)),
  'app.js': () => readFileSync(new URL('./ui/app.js', import.meta.url)),
  'app.css': () => readFileSync(new URL('./ui/app.css', import.meta.url)),
}

/** Where they are else: this code may end in one of its folders, and byok may run from its sources, where `npm run build:ui` puts them. */
const FOLDERS = ['../ui/', '../../../dist/ui/']

const loaded = new Map<AssetName, Asset>()

/** A file of the page, read once. @throws {ChatError} where the page was never built, as in a fresh clone. */
export function assetOf(name: AssetName): Asset {
  let asset = loaded.get(name)
  if (!asset) {
    asset = load(name)
    loaded.set(name, asset)
  }
  return asset
}

function load(name: AssetName): Asset {
  const elsewhere = FOLDERS.map((folder) => () => readFileSync(new URL(`${folder}${name}`, import.meta.url)))
  for (const read of [BUILT[name], ...elsewhere]) {
    const found = foundBy(read)
    if (!found) continue
    const body = Uint8Array.from(found)
    return { body, type: TYPES[name], etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 20)}"` }
  }
  throw new ChatError(
    'The page is not here. A clone of byok makes it by `npm run build:ui`; a program that byok was bundled into has to leave it a package.',
    {
      status: 503,
      type: 'server_error',
      code: 'not_built',
    },
  )
}

/** `undefined` where there is none, nor a folder to look in, as in what a bundler makes for CommonJS. */
function foundBy(read: () => Buffer): Buffer | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}
