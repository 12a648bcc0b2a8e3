/**
 * `--json`, of every command: standard output then holds one JSON value (of `serve`, a line for each event) and nothing else, and
 * standard error one JSON object a line: what is logged, and why the command failed. `docs/cli.md` tells of each value.
 */
export const jsonArg = { type: 'boolean', default: false, description: 'As JSON, for programs' } as const

export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, undefined, 2)}\n`)
}

/** One of several values: programs read them line by line. */
export function printJsonLine(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`)
}

/** What went wrong, under `--json`: a line on standard error. */
export interface JsonFault {
  type: string
  /** For people; holds no secret. */
  message: string
  /** Of a config that is wrong, each thing for itself. */
  problems?: readonly unknown[]
  /** Of a fault of byok's own. */
  stack?: string
}

export function printJsonFault(error: JsonFault): void {
  process.stderr.write(`${JSON.stringify({ error })}\n`)
}

/** What is worth saying besides, under `--json`: as the log says it. */
export function printJsonWarning(msg: string): void {
  process.stderr.write(`${JSON.stringify({ time: new Date().toISOString(), level: 'warn', msg })}\n`)
}

/** A moment, or that there is none. */
export function isoTime(time: number | undefined): string | null {
  return time === undefined ? null : new Date(time).toISOString()
}
