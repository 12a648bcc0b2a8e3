import { isCollection, isNode, isSeq, parseDocument, YAMLMap } from 'yaml'
import type { Document } from 'yaml'
import { keyNameOf, ONLY_KEY } from '../auth/credentials.ts'
import type { ProviderConfig } from '../config/schema.ts'

/** Where a provider's key stands in the config: `providers.x.api_key`, or its place in `api_keys`. `undefined` for none. */
export function keyPathOf(
  config: Pick<ProviderConfig, 'api_key' | 'api_keys'> | undefined,
  provider: string,
  account: string,
): ['providers', string, 'api_key'] | ['providers', string, 'api_keys', number] | undefined {
  if (account === ONLY_KEY && config?.api_key) return ['providers', provider, 'api_key']
  const at = (config?.api_keys ?? []).findIndex((key, index) => account === keyNameOf(key, index))
  return at === -1 ? undefined : ['providers', provider, 'api_keys', at]
}

/** The text of a config file with a key in it: as `api_key`, or beside the one there is. Comments stay. */
export function withKey(text: string, provider: string, key: string): string {
  const document = parseDocument(text)
  for (const path of [['providers'], ['providers', provider]]) fillEmpty(document, path)
  const [one, more] = ['api_key', 'api_keys'].map((name) => ['providers', provider, name])
  if (!document.hasIn(one ?? []) && !document.hasIn(more ?? [])) document.setIn(one ?? [], key)
  else if (isSeq(document.getIn(more ?? []))) document.addIn(more ?? [], key)
  else document.setIn(more ?? [], [key])
  return document.toString()
}

/** Puts a mapping where a file has a key with nothing, or comments alone, after it. */
function fillEmpty(document: Document, path: string[]): void {
  const node = document.getIn(path, true)
  if (!document.hasIn(path) || isCollection(node)) return
  const mapping = new YAMLMap(document.schema)
  if (isNode(node)) Object.assign(mapping, { comment: node.comment, commentBefore: node.commentBefore })
  document.setIn(path, mapping)
}

/** The text of a config file without a key that stands in it. */
export function withoutKey(text: string, path: readonly (string | number)[]): string {
  const document = parseDocument(text)
  document.deleteIn(path)
  // An empty list or provider would say something else than none.
  for (let length = path.length - 1; length > 0; length--) {
    const parent = document.getIn(path.slice(0, length))
    if (!isCollection(parent) || parent.items.length > 0) break
    document.deleteIn(path.slice(0, length))
  }
  return document.toString()
}
