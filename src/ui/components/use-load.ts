import { useSignal } from '@preact/signals'
import { useCallback, useEffect, useRef } from 'preact/hooks'
import { askFor } from '../state/api.ts'
import { messageOf } from '../state/error.ts'

export interface Loaded<T> {
  data: T | undefined
  error: string | undefined
  reload: () => void
}

/** What byok answers for a path; asked for anew with each other path. What there was stays while more is asked for. */
export function useLoad<T>(path: string): Loaded<T> {
  const data = useSignal<T | undefined>(undefined)
  const error = useSignal<string | undefined>(undefined)
  const current = useRef<AbortController>()
  const load = useCallback(() => {
    current.current?.abort()
    const stop = new AbortController()
    current.current = stop
    askFor<T>(path, { signal: stop.signal }).then(
      (found) => {
        data.value = found
        error.value = undefined
      },
      (reason: unknown) => {
        if (!stop.signal.aborted) error.value = messageOf(reason)
      },
    )
  }, [path])
  useEffect(() => {
    load()
    return () => current.current?.abort()
  }, [load])
  return { data: data.value, error: error.value, reload: load }
}
