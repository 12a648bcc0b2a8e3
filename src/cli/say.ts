/**
 * How a command tells people what it does, besides its answer: not at all under `--quiet`, nor under `--json`, whose answer tells
 * it all.
 */
export function sayer({ quiet, json }: { quiet?: boolean | undefined; json?: boolean }): (text: string) => void {
  return quiet || json ? () => {} : (text) => void process.stdout.write(text)
}
