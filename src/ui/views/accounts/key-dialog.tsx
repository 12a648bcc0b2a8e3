import { useSignal } from '@preact/signals'
import type { KeyInput, ProviderView } from '../../../core/ui/types.ts'
import { Failure } from '../../components/bits.tsx'
import { Dialog } from '../../components/dialog.tsx'
import { ask } from '../../state/api.ts'
import { messageOf } from '../../state/error.ts'
import { tell } from '../../state/notice.ts'

/** Takes a provider's key, which byok writes into its config file. */
export function KeyDialog({ provider, onClose }: { provider: ProviderView; onClose: () => void }) {
  const key = useSignal('')
  const problem = useSignal<string | undefined>(undefined)
  const busy = useSignal(false)
  const submit = async (event: Event) => {
    event.preventDefault()
    busy.value = true
    problem.value = undefined
    try {
      const body: KeyInput = { provider: provider.name, key: key.value.trim() }
      await ask('keys', { method: 'POST', body })
      tell(`The key of ${provider.title} is in use.`)
      onClose()
    } catch (error) {
      problem.value = messageOf(error)
      busy.value = false
    }
  }
  return (
    <Dialog title={`Add key for ${provider.title}`} onClose={onClose}>
      <form class="stack" onSubmit={(event) => void submit(event)}>
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
        {problem.value !== undefined && <Failure message={problem.value} />}
        <div class="dialog-foot">
          <button type="button" class="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class="button primary" disabled={busy.value}>
            {busy.value ? 'One moment…' : 'Add key'}
          </button>
        </div>
      </form>
    </Dialog>
  )
}
