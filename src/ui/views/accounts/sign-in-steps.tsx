import { useSignal } from '@preact/signals'
import type { RedirectInput, SignInEvents } from '../../../core/ui/types.ts'
import { Failure } from '../../components/bits.tsx'
import { CopyButton } from '../../components/copy.tsx'
import { Icon } from '../../components/icon.tsx'
import { ask } from '../../state/api.ts'
import { now } from '../../state/clock.ts'
import { messageOf } from '../../state/error.ts'
import { span } from '../../state/format.ts'

/** Leads to the provider's page, which the browser comes back from by itself where byok is on the same machine. */
export function SignInLink({ url, title }: { url: string; title: string }) {
  return (
    <>
      <OutLink href={url}>Open {title}’s page</OutLink>
      <p class="waiting muted">Waiting for you to sign in there…</p>
    </>
  )
}

export function DeviceCode({ code: { userCode, url, completeUrl, expiresAt } }: { code: SignInEvents['code'] }) {
  const left = expiresAt - now.value
  return (
    <>
      <p>Type this code on the provider’s page:</p>
      <div class="device-code">
        <output aria-label="Code">{userCode}</output>
        <CopyButton text={userCode} what="the code" />
      </div>
      <OutLink href={completeUrl ?? url}>Open {hostOf(url)}</OutLink>
      <p class="waiting muted" aria-live="off">
        {left > 0
          ? `Waiting for you to sign in there. The code is good for ${span(left)}.`
          : 'The code is no longer good.'}
      </p>
    </>
  )
}

/** Takes the address that a browser on another machine ended at. */
export function PasteAddress({ id, problem }: { id: string; problem: string | undefined }) {
  const text = useSignal('')
  const failed = useSignal<string | undefined>(undefined)
  const submit = async (event: Event) => {
    event.preventDefault()
    failed.value = undefined
    try {
      const body: RedirectInput = { id, text: text.value.trim() }
      await ask('sign-in/redirect', { method: 'POST', body })
      text.value = ''
    } catch (error) {
      failed.value = messageOf(error)
    }
  }
  return (
    <form class="stack aside" onSubmit={(event) => void submit(event)}>
      <label class="field">
        <span>Or paste the address your browser ended at</span>
        <input
          type="text"
          required
          autocomplete="off"
          spellcheck={false}
          placeholder="http://localhost:…"
          value={text.value}
          onInput={({ currentTarget }) => (text.value = currentTarget.value)}
        />
      </label>
      <p class="muted small-words">
        Needed where byok runs on another machine: the browser then ends at a page that cannot be reached, and its
        address is what byok waits for.
      </p>
      {(failed.value ?? problem) !== undefined && <Failure message={failed.value ?? problem ?? ''} />}
      <div>
        <button type="submit" class="button">
          Go on
        </button>
      </div>
    </form>
  )
}

function OutLink({ href, children }: { href: string; children: preact.ComponentChildren }) {
  // An address that is not of the web would be run by the browser.
  if (!/^https?:\/\//.test(href)) return <code class="breaks">{href}</code>
  return (
    <a class="button primary" href={href} target="_blank" rel="noopener noreferrer">
      {children}
      <Icon name="external" />
      <span class="off-screen"> (opens a new tab)</span>
    </a>
  )
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : 'its page'
}
