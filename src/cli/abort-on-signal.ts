/** A signal that is aborted by Ctrl-C or `kill`; a second one ends the process at once. */
export function abortOnSignal() {
  const abort = new AbortController()
  let code = 1
  const onSignal = (signal: NodeJS.Signals) => {
    code = signal === 'SIGINT' ? 130 : 143
    if (abort.signal.aborted) process.exit(code)
    abort.abort(new Error(`stopped by ${signal}`))
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  return {
    signal: abort.signal,
    /** What a shell expects of a program that was stopped so. */
    exitCode: () => code,
    stop() {
      process.off('SIGINT', onSignal)
      process.off('SIGTERM', onSignal)
    },
  }
}
