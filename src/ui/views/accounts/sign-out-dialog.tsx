import { useSignal } from '@preact/signals'
import type { AccountView, SignOutInput } from '../../../core/ui/types.ts'
import { Failure } from '../../components/bits.tsx'
import { Dialog } from '../../components/dialog.tsx'
import { ask } from '../../state/api.ts'
import { messageOf } from '../../state/error.ts'
import { tell } from '../../state/notice.ts'

/** Asks before an account goes. */
export function SignOutDialog({ account: view, onClose }: { account: AccountView; onClose: () => void }) {
  const { provider, title, account, kind, source } = view
  const problem = useSignal<string | undefined>(undefined)
  const busy = useSignal(false)
  const login = kind === 'oauth'
  const confirm = async () => {
    busy.value = true
    problem.value = undefined
    try {
      const body: SignOutInput = { provider, account, kind }
      await ask('sign-out', { method: 'POST', body })
      tell(login ? `Signed out of ${title}, ${account}.` : `Removed the key of ${title}, ${account}.`)
      onClose()
    } catch (error) {
      problem.value = messageOf(error)
      busy.value = false
    }
  }
  return (
    <Dialog title={login ? `Sign out of ${title}?` : `Remove this key of ${title}?`} onClose={onClose}>
      <div class="stack">
        <p>
          {login ? (
            <>
              byok forgets the login of <strong class="breaks">{account}</strong>. To use it again, sign in again.
            </>
          ) : (
            <>
              The key <strong class="breaks">{account}</strong> is taken out of <code>{source ?? 'the config'}</code>.
              The file as it was is kept beside it, as <code>.bak</code>.
            </>
          )}
        </p>
        {problem.value !== undefined && <Failure message={problem.value} />}
        <div class="dialog-foot">
          <button type="button" class="button" autoFocus onClick={onClose}>
            Keep it
          </button>
          <button type="button" class="button danger" disabled={busy.value} onClick={() => void confirm()}>
            {login ? 'Sign out' : 'Remove key'}
          </button>
        </div>
      </div>
    </Dialog>
  )
}
