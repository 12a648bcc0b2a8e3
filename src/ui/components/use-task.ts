import { useSignal } from '@preact/signals'
import { messageOf } from '../state/error.ts'

export interface Task {
  busy: boolean
  /** What went wrong the last time. */
  problem: string | undefined
  run: () => Promise<void>
}

/** Something that is done when somebody says so, and told where it fails. */
export function useTask(work: () => Promise<void>): Task {
  const busy = useSignal(false)
  const problem = useSignal<string | undefined>(undefined)
  const run = async () => {
    busy.value = true
    problem.value = undefined
    try {
      await work()
    } catch (error) {
      problem.value = messageOf(error)
    } finally {
      busy.value = false
    }
  }
  return { busy: busy.value, problem: problem.value, run }
}
