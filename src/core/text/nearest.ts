import { distance } from 'fastest-levenshtein'
import { orList } from './or-list.ts'

/**
 * The candidates that a name was most likely meant to be, the nearest first; none where none is near. `apiKey` and `api-key` are
 * next to `api_key`.
 */
export function nearestNames(name: string, candidates: Iterable<string>, most: number): string[] {
  const wanted = fold(name.slice(0, 100))
  if (wanted === '') return []
  const all = [...candidates]
  const near = all
    .map((candidate) => ({ candidate, folded: fold(candidate) }))
    .map(({ candidate, folded }) => ({ candidate, folded, apart: distance(wanted, folded) }))
    .filter(({ folded, apart }) => isNear(wanted, folded, apart) && apart < folded.length)
    .sort((a, b) => a.apart - b.apart)
  if (near.length > 0) return near.slice(0, most).map(({ candidate }) => candidate)
  const words = all.filter((candidate) => candidate.toLowerCase().split(/[_-]/).includes(wanted))
  return words.length <= most ? words : []
}

export function nearestName(name: string, candidates: Iterable<string>): string | undefined {
  return nearestNames(name, candidates, 1)[0]
}

/** The end of a message on a name that is none. */
export function didYouMean(...names: string[]): string {
  return `Did you mean ${orList(names)}?`
}

/** A third of them may differ, or be two that changed places: of fewer letters in common, none was meant. */
function isNear(one: string, other: string, apart: number): boolean {
  const third = Math.floor(Math.min(one.length, other.length) / 3)
  return apart <= Math.max(1, third) || (apart === third + 1 && lettersOf(one) === lettersOf(other))
}

function lettersOf(name: string): string {
  return [...name].sort().join('')
}

function fold(name: string): string {
  return name.toLowerCase().replace(/[\s_-]/g, '')
}
