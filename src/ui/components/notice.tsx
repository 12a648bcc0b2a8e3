import { dismiss, notice } from '../state/notice.ts'
import { Icon } from './icon.tsx'

/** What happened last, over the foot of the page. The two regions stay, so that screen readers notice what comes into them. */
export function Notice() {
  const now = notice.value
  return (
    <div class="notices">
      <div role="status">{now?.kind === 'good' && <Told text={now.text} kind="good" />}</div>
      <div role="alert">{now?.kind === 'bad' && <Told text={now.text} kind="bad" />}</div>
    </div>
  )
}

function Told({ text, kind }: { text: string; kind: 'good' | 'bad' }) {
  return (
    <div class={`notice ${kind}`}>
      <Icon name={kind === 'good' ? 'check' : 'alert'} />
      <span>{text}</span>
      <button type="button" class="button quiet icon-only" onClick={dismiss} aria-label="Close this message">
        <Icon name="close" />
      </button>
    </div>
  )
}
