/** `--json`, of every command that shows something. */
export const jsonArg = { type: 'boolean', default: false, description: 'As JSON, for programs' } as const

export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, undefined, 2)}\n`)
}
