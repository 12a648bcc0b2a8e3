import { isMap, isSeq, parseDocument } from 'yaml'
import type { JsonObject } from '../json.ts'
import { UnreadableSettings } from './tool.ts'

/** Sets top-level keys of a YAML file; comments stay. */
export function mergeYaml(text: string, settings: JsonObject): string {
  const document = yamlOf(text)
  for (const [name, value] of Object.entries(settings)) document.set(name, value)
  return document.toString()
}

/** Puts an entry into a YAML file's list, in the place of one of the same `name`. */
export function putYamlEntry(
  text: string,
  list: string,
  entry: JsonObject & { name: string },
  defaults: JsonObject,
): string {
  const document = yamlOf(text)
  for (const [name, value] of Object.entries(defaults)) if (!document.has(name)) document.set(name, value)
  const items: unknown = document.get(list)
  if (items === undefined || items === null) document.set(list, document.createNode([entry]))
  else if (isSeq(items)) {
    const at = items.items.findIndex((item) => isMap(item) && item.get('name') === entry.name)
    if (at === -1) items.add(document.createNode(entry))
    else items.items[at] = document.createNode(entry)
  } else throw new UnreadableSettings(`its \`${list}\` is no list`)
  return document.toString()
}

function yamlOf(text: string) {
  const document = parseDocument(text)
  if (document.errors.length > 0) throw new UnreadableSettings('it is no valid YAML')
  if (document.contents !== null && !isMap(document.contents)) throw new UnreadableSettings('it is no YAML mapping')
  return document
}

/** Sets variables of a `.env` file: of one that is there twice the last, which counts. */
export function mergeEnv(text: string, variables: Record<string, string>): string {
  const lines = text === '' ? [] : text.replace(/\n$/, '').split('\n')
  for (const [name, value] of Object.entries(variables)) {
    const line = `${name}=${JSON.stringify(value)}`
    const at = lines.findLastIndex((one) => new RegExp(`^\\s*(?:export\\s+)?${name}\\s*=`).test(one))
    if (at === -1) lines.push(line)
    else lines[at] = line
  }
  return `${lines.join('\n')}\n`
}
