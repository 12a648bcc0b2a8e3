import { Failure } from '../../components/bits.tsx'
import { duration, many } from '../../state/format.ts'
import type { Turn as TurnData } from './conversation.ts'

/** What one of the two said, and how long that took. */
export function Turn({ turn: { role, text, reasoning, model, end } }: { turn: TurnData }) {
  return (
    <article class={`turn ${role}`} aria-label={role === 'user' ? 'You' : (model ?? 'The model')}>
      {role === 'assistant' && <p class="muted small-words">{model}</p>}
      {reasoning !== undefined && (
        <details>
          <summary>What it thought</summary>
          <p class="said muted">{reasoning}</p>
        </details>
      )}
      {text !== '' && <p class="said">{text}</p>}
      {role === 'assistant' && !end && <p class="writing muted">{text === '' ? 'Waiting…' : 'Writing…'}</p>}
      {end?.error !== undefined && <Failure message={end.error} />}
      {end && <p class="muted small-words">{endOf(end)}</p>}
    </article>
  )
}

function endOf({ ms, firstMs, output, stopped, error }: NonNullable<TurnData['end']>): string {
  const how = stopped ? 'Stopped after' : error !== undefined ? 'Failed after' : 'Done in'
  return [
    `${how} ${duration(ms)}`,
    firstMs === undefined ? '' : `first word after ${duration(firstMs)}`,
    output === undefined ? '' : many(output, 'token'),
  ]
    .filter(Boolean)
    .join(' · ')
}
