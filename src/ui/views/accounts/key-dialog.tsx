import { useSignal } from '@preact/signals'
import type { KeyInput, ProviderView } from '../../../core/ui/types.ts'
import { Failure } from '../../components/bits.tsx'
import { Dialog } from '../../components/dialog.tsx'
import { useTask } from '../../components/use-task.ts'
import { ask } from '../../state/api.ts'
import { tell } from '../../state/notice.ts'

/** Takes a provider's key, which byok writes into its config file. */
export function KeyDialog({ provider, onClose }: { provider: ProviderView; onClose: () => void }) {
  const key = useSignal('')
  const { busy, problem, run } = useTask(async () => {
    const body: KeyInput = { provider: provider.name, key: key.value.trim() }
    await ask('keys', { method: 'POST', body })
    tell(`The key of ${provider.title} is in use.`)
    onClose()
  })
  const submit = (event: Event) => {
    event.preventDefault()
    void run()
  }
  return (
    <Dialog title={`Add key for ${provider.title}`} onClose={onClose}>
      <form class="stack" onSubmit={submit}>
        <label class="field">
          <span>API key</span>
          <input
            type="password"
            required
            autoFocus
            autocomplete="off"
            spellcheck={false}
            value={key.value}
            onInput={({ currentTarget }) => (key.value = currentTarget.value)}
          />
        </label>
        <p class="muted">
          It is written into byok’s config file, which only you can read, and never shown again.
          {provider.key?.env !== undefined && (
            <>
              {' '}
              To keep it out of files, set <code>{provider.key.env}</code> where you start byok instead.
            </>
          )}
        </p>
        {problem !== undefined && <Failure message={problem} />}
        <div class="dialog-foot">
          <button type="button" class="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class="button primary" disabled={busy}>
            {busy ? 'One moment…' : 'Add key'}
          </button>
        </div>
      </form>
    </Dialog>
  )
}
