import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
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
 * Where the page's files are: beside the built package's, in whichever of its folders this code ended; and, where byok runs from its
 * sources, where `npm run build:ui` puts them.
 */
const FOLDERS = ['./ui/', '../ui/', '../../../dist/ui/']

const loaded = new Map<AssetName, Promise<Asset>>()

/** A file of the page, read once. @throws {ChatError} where the page was never built, as in a fresh clone. */
export function assetOf(name: AssetName): Promise<Asset> {
  let asset = loaded.get(name)
  if (!asset) {
    asset = load(name)
    loaded.set(name, asset)
    asset.catch(() => loaded.delete(name))
  }
  return asset
}

async function load(name: AssetName): Promise<Asset> {
  for (const folder of FOLDERS) {
    const found = await readFile(new URL(`${folder}${name}`, import.meta.url)).catch(() => undefined)
    if (!found) continue
    const body = Uint8Array.from(found)
    return { body, type: TYPES[name], etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 20)}"` }
  }
  throw new ChatError('The page is not built. In a clone of byok: npm run build:ui', {
    status: 503,
    type: 'server_error',
    code: 'not_built',
  })
}
