/**
 * Whether what is written to `output` may be coloured: `NO_COLOR` (not empty, as no-color.org has it) forbids it, `FORCE_COLOR`
 * (but `0` and `false`) demands it, else a terminal that is not `TERM=dumb` gets it.
 */
export function coloured(output: { isTTY?: boolean }, env: NodeJS.ProcessEnv): boolean {
  if (env['NO_COLOR']) return false
  const forced = env['FORCE_COLOR']
  if (forced !== undefined) return forced !== '0' && forced !== 'false'
  return output.isTTY === true && env['TERM'] !== 'dumb'
}
