import { redact } from '../core/redact.ts'

/** Ends the process on what nobody caught, as Node does, but keeps secrets out of what is said of it. */
export function reportCrashes(): void {
  const crash = (error: unknown) => {
    process.stderr.write(
      `byok crashed: ${redact(error instanceof Error ? (error.stack ?? error.message) : String(error))}\n`,
    )
    process.exit(1)
  }
  process.on('uncaughtException', crash)
  process.on('unhandledRejection', crash)
}
