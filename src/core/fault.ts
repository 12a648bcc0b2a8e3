/** An error in its own words. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** What is logged of an error that nobody expected: where it came from. Its message may quote what a client sent. */
export function faultOf(error: unknown): string {
  return error instanceof Error ? `${error.name}\n${stackFrames(error)}` : typeof error
}

function stackFrames(error: Error): string {
  return (error.stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 12)
    .join('\n')
}

/** The code of an error of Node's or a library's, such as `ENOENT` or `SQLITE_BUSY`. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
