import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import type { ProviderView, SignInEvents, SignInInput } from '../../../core/ui/types.ts'
import { Callout, Failure } from '../../components/bits.tsx'
import { Dialog } from '../../components/dialog.tsx'
import { ask } from '../../state/api.ts'
import { messageOf } from '../../state/error.ts'
import { readEvents } from '../../state/events.ts'
import { tell } from '../../state/notice.ts'
import { DeviceCode, PasteAddress, SignInLink } from './sign-in-steps.tsx'

interface SignInProps {
  provider: ProviderView
  /** The account whose login is made anew. */
  account?: string
  onClose: () => void
}

interface Progress {
  url?: SignInEvents['url']
  code?: SignInEvents['code']
  ask?: SignInEvents['ask']
  notes: string[]
  failed?: string
}

/** Sees a login through: where to go, which code to type, or which address to paste. Closing the dialog ends it. */
export function SignInDialog({ provider, account, onClose }: SignInProps) {
  const name = useSignal(account ?? '')
  const progress = useSignal<Progress | undefined>(undefined)
  const stop = useRef<AbortController>()
  useEffect(() => () => stop.current?.abort(), [])

  const begin = async () => {
    const ending = new AbortController()
    stop.current?.abort()
    stop.current = ending
    progress.value = { notes: [] }
    const add = (more: Partial<Progress>) => (progress.value = { notes: [], ...progress.value, ...more })
    let over = false
    try {
      const body: SignInInput = { provider: provider.name, ...(name.value.trim() && { account: name.value.trim() }) }
      const response = await ask('sign-in', { method: 'POST', body, signal: ending.signal })
      await readEvents<SignInEvents>(response, {
        url: (url) => void add({ url }),
        code: (code) => void add({ code }),
        ask: (asked) => void add({ ask: asked }),
        note: ({ text }) => void add({ notes: [...(progress.value?.notes ?? []), text] }),
        failed: ({ message }) => {
          over = true
          add({ failed: message })
        },
        done: ({ account: made }) => {
          over = true
          tell(`Signed in to ${provider.title} as ${made}.`)
          onClose()
        },
      })
      if (!over) add({ failed: 'byok ended this sign-in before it was done. Begin it again.' })
    } catch (error) {
      if (!ending.signal.aborted) add({ failed: messageOf(error) })
    }
  }

  return (
    <Dialog title={`Sign in to ${provider.title}`} onClose={onClose}>
      {progress.value === undefined ? (
        <form
          class="stack"
          onSubmit={(event) => {
            event.preventDefault()
            void begin()
          }}
        >
          <label class="field">
            <span>Name for this account (optional)</span>
            <input
              type="text"
              autocomplete="off"
              maxLength={300}
              placeholder="such as work"
              value={name.value}
              onInput={({ currentTarget }) => (name.value = currentTarget.value)}
            />
          </label>
          <p class="muted">
            Without a name it is called as {provider.title} calls it. You sign in on {provider.title}’s own page; byok
            never sees your password.
          </p>
          <div class="dialog-foot">
            <button type="button" class="button" onClick={onClose}>
              Cancel
            </button>
            <button type="submit" class="button primary" autoFocus>
              Begin
            </button>
          </div>
        </form>
      ) : (
        <Steps progress={progress.value} provider={provider} onAgain={() => void begin()} onClose={onClose} />
      )}
    </Dialog>
  )
}

interface StepsProps {
  progress: Progress
  provider: ProviderView
  onAgain: () => void
  onClose: () => void
}

function Steps({ progress: { url, code, ask: asked, notes, failed }, provider, onAgain, onClose }: StepsProps) {
  return (
    <div class="stack">
      {/* Steps come one by one, and each is read out as it comes. */}
      <div class="stack" role="status">
        {failed === undefined && !url && !code && <p class="muted">Asking {provider.title}…</p>}
        {notes.map((note) => (
          <Callout key={note} tone="plain">
            {note}
          </Callout>
        ))}
        {failed === undefined && url && <SignInLink url={url.url} title={provider.title} />}
        {failed === undefined && code && <DeviceCode code={code} />}
      </div>
      {failed === undefined && url && asked && <PasteAddress id={url.id} problem={asked.problem} />}
      {failed !== undefined && <Failure message={failed} onRetry={onAgain} />}
      <div class="dialog-foot">
        <button type="button" class="button" onClick={onClose}>
          {failed === undefined ? 'Cancel' : 'Close'}
        </button>
      </div>
    </div>
  )
}
