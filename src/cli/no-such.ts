import { didYouMean, nearestName } from '../core/text/nearest.ts'
import { UsageError } from './command.ts'

/** Says that a name is none of those there are, and which was meant, or which there are. */
export function noSuch(what: string, name: string, names: readonly string[]): UsageError {
  const near = nearestOf(name, names)
  const hint = near === undefined ? `There are ${names.join(', ')}.` : didYouMean(near)
  return new UsageError(`there is no ${what} ${JSON.stringify(name)}. ${hint}`)
}

/** The name that was most likely meant: one that is like it, or the only one that begins so. */
export function nearestOf(name: string, names: readonly string[]): string | undefined {
  const longer = name === '' ? [] : names.filter((one) => one.startsWith(name))
  return nearestName(name, names) ?? (longer.length === 1 ? longer[0] : undefined)
}
