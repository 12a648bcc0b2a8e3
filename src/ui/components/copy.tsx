import { useSignal } from '@preact/signals'
import { tell } from '../state/notice.ts'
import { Icon } from './icon.tsx'

/** Copies a text, and says so. */
export function CopyButton({ text, what }: { text: string; what: string }) {
  const copied = useSignal(false)
  const copy = async () => {
    if (await toClipboard(text)) {
      copied.value = true
      tell(`Copied ${what}.`)
      setTimeout(() => (copied.value = false), 2000)
    } else tell('The browser does not let this page copy. Select the text, and copy it yourself.', 'bad')
  }
  return (
    <button type="button" class="button small" onClick={() => void copy()} aria-label={`Copy ${what}`}>
      <Icon name={copied.value ? 'check' : 'copy'} />
      {copied.value ? 'Copied' : 'Copy'}
    </button>
  )
}

/** Text as it is in a file, with a button that copies it. */
export function Code({ text, what }: { text: string; what: string }) {
  return (
    <div class="code">
      {/* Wide lines scroll, which the keyboard must reach too. */}
      <pre tabIndex={0} role="region" aria-label={what}>
        <code>{text}</code>
      </pre>
      <CopyButton text={text} what={what} />
    </div>
  )
}

async function toClipboard(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return viaSelection(text)
  }
}

/** Browsers have no clipboard for pages that came over plain HTTP from another machine. */
function viaSelection(text: string): boolean {
  const area = document.createElement('textarea')
  area.value = text
  area.className = 'off-screen'
  const before = document.activeElement
  document.body.append(area)
  area.select()
  const done = document.execCommand('copy')
  area.remove()
  if (before instanceof HTMLElement) before.focus()
  return done
}
