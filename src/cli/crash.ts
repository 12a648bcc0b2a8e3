import { tellFault } from './command.ts'

/** Ends the process on what nobody caught, as Node does, but keeps secrets out of what is said of it. */
export function reportCrashes(json: boolean): void {
  const crash = (error: unknown) => {
    tellFault(error, json, true)
    process.exit(1)
  }
  process.on('uncaughtException', crash)
  process.on('unhandledRejection', crash)
}
