import { signal } from '@preact/signals'

/** Unix milliseconds, told anew each second while the page is in view. */
export const now = signal(Date.now())

const tick = () => {
  if (!document.hidden) now.value = Date.now()
}
setInterval(tick, 1000)
document.addEventListener('visibilitychange', tick)
