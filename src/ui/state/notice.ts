import { signal } from '@preact/signals'

export interface Notice {
  text: string
  kind: 'good' | 'bad'
}

/** What happened last, told at the foot of the page and to screen readers. */
export const notice = signal<Notice | undefined>(undefined)

const SHOWN_MS = 6000
let timer: ReturnType<typeof setTimeout> | undefined

export function tell(text: string, kind: Notice['kind'] = 'good'): void {
  clearTimeout(timer)
  notice.value = { text, kind }
  // What went wrong stays until it is closed.
  if (kind === 'good') timer = setTimeout(() => (notice.value = undefined), SHOWN_MS)
}

export function dismiss(): void {
  clearTimeout(timer)
  notice.value = undefined
}
