import { isAlias, isMap, isPair, isScalar, isSeq, parseDocument } from 'yaml'
import type { Document, Node, Scalar } from 'yaml'
import { isSecretField, schemaAt } from '../config/introspect.ts'
import type { Schema } from '../config/introspect.ts'
import type { Path } from '../config/problem.ts'
import { shownValue } from '../config/settings.ts'
import { placesOfSecrets } from '../secrets/redact.ts'
import type { Place } from '../secrets/redact.ts'
import { SECRET_NAME } from '../secrets/url-secrets.ts'
import { placesInComments } from './mask-comments.ts'

/** A config file's text, with marks in place of its secrets. */
export interface Masked {
  text: string
  /** The text without marks again. @throws {UnknownMark} */
  restore(edited: string): string
}

/** An edited text has a mark that stands for nothing. */
export class UnknownMark extends Error {
  override readonly name = 'UnknownMark'
  readonly line: number

  constructor(mark: string, line: number) {
    super(`${mark} stands for no secret of this file. Put the secret itself there.`)
    this.line = line
  }
}

/**
 * Puts a mark such as `__SECRET_1__` in place of each secret: by the schema, by its name, in comments too, and by what it looks like.
 * What is taken from the environment (`${NAME}`) is none.
 *
 * @param schemaWith the schema of a config with these providers
 * @returns `undefined` for what is no YAML, in which secrets cannot be told from the rest.
 */
export function maskSecrets(text: string, schemaWith: (providers: string[]) => Schema): Masked | undefined {
  // Under `silent` a second document is no error, and nothing is known of what is in it.
  const document = parseDocument(text, { logLevel: 'error' })
  if (document.errors.length > 0 || !isResolvable(document)) return undefined
  const providers = document.get('providers')
  const names = isMap(providers) ? providers.items.map(({ key }) => (isScalar(key) ? String(key.value) : '')) : []
  const schema = schemaWith(names)
  const places: Place[] = []
  const found = placesIn(document.contents, [], { document, schema, text, above: [] })
  for (const place of [...found, ...placesInComments(text), ...placesOfSecrets(text)]) {
    if (!places.some(({ start, end }) => place.start < end && start < place.end)) places.push(place)
  }
  places.sort((a, b) => a.start - b.start)
  let word = 'SECRET'
  while (text.includes(`__${word}_`)) word = `${word}X`
  let masked = ''
  let at = 0
  for (const [index, { start, end }] of places.entries()) {
    masked += `${text.slice(at, start)}__${word}_${index + 1}__`
    at = end
  }
  const secrets = places.map(({ start, end }) => text.slice(start, end))
  return {
    text: masked + text.slice(at),
    restore: (edited) =>
      edited.replaceAll(new RegExp(`__${word}_(\\d+)__`, 'g'), (mark, number: string, offset: number) => {
        const secret = secrets[Number(number) - 1]
        if (secret === undefined) throw new UnknownMark(mark, edited.slice(0, offset).split('\n').length)
        return secret
      }),
  }
}

/** Whether its aliases lead somewhere, and are not so many in each other that looking at all would never end. */
function isResolvable(document: Document): boolean {
  try {
    document.toJS()
    return true
  } catch {
    return false
  }
}

interface Looking {
  document: Document
  schema: Schema
  text: string
  /** The aliases' nodes that are being looked at: one may stand in itself. */
  above: readonly Node[]
}

function placesIn(node: unknown, path: Path, looking: Looking): Place[] {
  const { document, schema, text, above } = looking
  if (isAlias(node)) {
    // A value is secret by where it counts, wherever it is written.
    const meant = node.resolve(document)
    return meant && !above.includes(meant) ? placesIn(meant, path, { ...looking, above: [...above, meant] }) : []
  }
  if (isMap(node)) {
    return node.items.flatMap((item) => {
      if (!isPair(item) || !isScalar(item.key)) return []
      const name = String(item.key.value)
      return placesIn(item.value, name === '<<' ? path : [...path, name], looking)
    })
  }
  if (isSeq(node)) return node.items.flatMap((item, index) => placesIn(item, [...path, index], looking))
  if (!isScalar(node)) return []
  // A key of digits alone is a number to YAML.
  const value = typeof node.value === 'number' ? (node.source ?? String(node.value)) : node.value
  if (typeof value !== 'string' || !isSecret(value, path, schema)) return []
  const place = placeOf(node, text)
  return place ? [place] : []
}

function isSecret(value: string, path: Path, schema: Schema): boolean {
  if (value === '' || /^(?:\$\{[A-Za-z_]\w*\})+$/.test(value.trim())) return false
  // Who forgets that it is a list writes one alone.
  const known = schemaAt(schema, [...path, 0]) ?? schemaAt(schema, path)
  if (known ? isSecretField(known) : SECRET_NAME.test(String(path.findLast((part) => typeof part === 'string'))))
    return true
  return shownValue(path, value) !== value
}

/** Where a value stands, without its quotes. */
function placeOf(node: Scalar & Node, text: string): Place | undefined {
  const [start, end] = node.range ?? []
  if (start === undefined || end === undefined) return undefined
  if (node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE') return { start: start + 1, end: end - 1 }
  return { start, end: start + text.slice(start, end).trimEnd().length }
}
