import type { AccountInput, AccountView } from '../../../core/ui/types.ts'
import { Failure } from '../../components/bits.tsx'
import { Dialog } from '../../components/dialog.tsx'
import { useTask } from '../../components/use-task.ts'
import { ask } from '../../state/api.ts'
import { tell } from '../../state/notice.ts'

/** Asks before an account goes. */
export function SignOutDialog({ account: view, onClose }: { account: AccountView; onClose: () => void }) {
  const { provider, title, account, kind, source } = view
  const login = kind === 'oauth'
  const { busy, problem, run } = useTask(async () => {
    const body: AccountInput = { provider, account, kind }
    await ask('sign-out', { method: 'POST', body })
    tell(login ? `Signed out of ${title}, ${account}.` : `Removed the key of ${title}, ${account}.`)
    onClose()
  })
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
        {problem !== undefined && <Failure message={problem} />}
        <div class="dialog-foot">
          <button type="button" class="button" autoFocus onClick={onClose}>
            Keep it
          </button>
          <button type="button" class="button danger" disabled={busy} onClick={() => void run()}>
            {login ? 'Sign out' : 'Remove key'}
          </button>
        </div>
      </div>
    </Dialog>
  )
}
