/** What undici gives to steer an answer by; notes what was asked of it. */
export function controller() {
  const asked: unknown[] = []
  return {
    asked,
    aborted: false,
    paused: false,
    reason: null,
    pause: () => void asked.push('pause'),
    resume: () => void asked.push('resume'),
    abort: (reason: Error) => void asked.push(reason.message),
  }
}
