import { useSignal } from '@preact/signals'
import { messageOf } from '../state/error.ts'
import { unlock } from '../state/session.ts'
import { Failure } from './bits.tsx'
import { Logo } from './sidebar.tsx'

/** Asks once for an administrator's key, where byok has client keys or the browser is on another machine. */
export function Unlock() {
  const key = useSignal('')
  const problem = useSignal<string | undefined>(undefined)
  const busy = useSignal(false)
  const submit = async (event: Event) => {
    event.preventDefault()
    busy.value = true
    problem.value = undefined
    try {
      await unlock(key.value.trim())
    } catch (error) {
      problem.value = messageOf(error)
    } finally {
      busy.value = false
    }
  }
  return (
    <main class="unlock">
      <form class="card" onSubmit={(event) => void submit(event)}>
        <Logo />
        <h1>Who is there?</h1>
        <p class="muted">This byok lets in who has an administrator’s key. Make one on the machine it runs on:</p>
        <pre class="one-line" tabIndex={0} role="region" aria-label="Command">
          <code>byok key create --admin</code>
        </pre>
        {/* Password managers want a name to keep a key under. */}
        <input type="text" name="username" autocomplete="username" value="byok" hidden readOnly />
        <label class="field">
          <span>Administrator’s key</span>
          <input
            type="password"
            name="key"
            required
            autocomplete="current-password"
            spellcheck={false}
            value={key.value}
            onInput={({ currentTarget }) => (key.value = currentTarget.value)}
          />
        </label>
        {problem.value !== undefined && <Failure message={problem.value} />}
        <button type="submit" class="button primary" disabled={busy.value}>
          {busy.value ? 'One moment…' : 'Come in'}
        </button>
      </form>
    </main>
  )
}
