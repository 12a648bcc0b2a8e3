import { didYouMean, nearestName } from '../core/nearest.ts'
import { UsageError } from './command.ts'

/** Says that a name is none of those there are, and which was meant, or which there are. */
export function noSuch(what: string, name: string, names: string[]): UsageError {
  const near = nearestName(name, names)
  const hint = near === undefined ? `There are ${names.join(', ')}.` : didYouMean(near)
  return new UsageError(`there is no ${what} ${JSON.stringify(name)}. ${hint}`)
}
