import { isMap, isSeq, parseDocument, visit } from 'yaml'
import type { Document } from 'yaml'
import type { JsonObject } from '../json/json.ts'
import { UnreadableSettings } from './tool.ts'

/** Characters of a line, at which YAML is wrapped. */
const USUAL_WIDTH = 80

/** Sets top-level keys of a YAML file; comments stay. */
export function mergeYaml(text: string, settings: JsonObject): string {
  const document = yamlOf(text)
  for (const [name, value] of Object.entries(settings)) document.set(name, value)
  return writtenLike(text, document)
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
  return writtenLike(text, document)
}

function yamlOf(text: string) {
  const document = parseDocument(text)
  if (document.errors.length > 0) throw new UnreadableSettings('it is no valid YAML')
  if (document.contents !== null && !isMap(document.contents)) throw new UnreadableSettings('it is no YAML mapping')
  visit(document, {
    Alias(_, alias) {
      if (!alias.resolve(document))
        throw new UnreadableSettings(`it has no \`&${alias.source}\` before \`*${alias.source}\``)
    },
  })
  return document
}

/** Byte order mark and ends of lines as the file had them, and no line broken that was not, nor longer than any was. */
function writtenLike(text: string, document: Document): string {
  const mark = text.startsWith('\uFEFF') ? '\uFEFF' : ''
  const lineWidth = Math.max(USUAL_WIDTH, ...text.split('\n').map(({ length }) => length))
  return mark + document.toString({ lineWidth }).replaceAll('\n', lineEndOf(text))
}

function lineEndOf(text: string): string {
  return text.includes('\r\n') ? '\r\n' : '\n'
}

/** Sets variables of a `.env` file: of one that is there twice the last, which counts. */
export function mergeEnv(text: string, variables: Record<string, string>): string {
  const end = lineEndOf(text)
  const lines = (/[^\n]$/.test(text) ? text + end : text).split(/(?<=\n)/)
  for (const [name, value] of Object.entries(variables)) {
    const line = `${name}=${JSON.stringify(value)}${end}`
    const at = lines.findLastIndex((one) => new RegExp(`^\\s*(?:export\\s+)?${name}\\s*=`).test(one))
    if (at === -1) lines.push(line)
    else lines[at] = line
  }
  return lines.join('')
}
