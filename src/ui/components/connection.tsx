import { connection, refusal } from '../state/live.ts'
import { Icon } from './icon.tsx'

const words = {
  lost: 'byok does not answer. What you see may be old; this page goes on by itself as soon as it is back.',
  off: 'This page has been turned off: config says ui: false. Set it to true to come back.',
}

/** Says that what the page shows may be old. */
export function Connection() {
  const state = connection.value
  return (
    <div role="status">
      {(state === 'lost' || state === 'off') && (
        <div class="callout warn">
          <Icon name="alert" />
          <div class="callout-words">{(state === 'lost' && refusal.value) || words[state]}</div>
        </div>
      )}
    </div>
  )
}
