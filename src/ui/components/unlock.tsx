import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { unlock } from '../state/session.ts'
import { Failure } from './bits.tsx'
import { Logo } from './sidebar.tsx'
import { useTask } from './use-task.ts'

/** Asks once for an administrator's key, where byok has client keys or the browser is on another machine. */
export function Unlock() {
  const key = useSignal('')
  const field = useRef<HTMLInputElement>(null)
  // What had the focus is gone, and this is all there is to do.
  useEffect(() => field.current?.focus(), [])
  const { busy, problem, run } = useTask(() => unlock(key.value.trim()))
  const submit = (event: Event) => {
    event.preventDefault()
    void run()
  }
  return (
    <main class="unlock">
      <form class="card" onSubmit={submit}>
        <Logo />
        <h1>Who is there?</h1>
        <p class="muted">This byok lets in who has an administrator’s key. Make one on the machine it runs on:</p>
        <pre class="one-line" tabIndex={0} role="region" aria-label="Command">
          <code>byok key create me --admin</code>
        </pre>
        {/* Password managers want a name to keep a key under. */}
        <input type="text" name="username" autocomplete="username" value="byok" hidden readOnly />
        <label class="field">
          <span>Administrator’s key</span>
          <input
            ref={field}
            type="password"
            name="key"
            required
            autocomplete="current-password"
            spellcheck={false}
            value={key.value}
            onInput={({ currentTarget }) => (key.value = currentTarget.value)}
          />
        </label>
        {problem !== undefined && <Failure message={problem} />}
        <button type="submit" class="button primary" disabled={busy}>
          {busy ? 'One moment…' : 'Come in'}
        </button>
      </form>
    </main>
  )
}
