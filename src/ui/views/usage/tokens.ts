import type { UsageSumView } from '../../../core/ui/types.ts'
import { compact } from '../../state/format.ts'

/** Writes the tokens of a sum, with a mark where estimates are among them. */
export function tokensOf({ estimated }: UsageSumView): (tokens: number) => string {
  return (tokens) => `${estimated > 0 ? '≈ ' : ''}${compact(tokens)}`
}
