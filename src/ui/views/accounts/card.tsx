import type { AccountView, QuotaView } from '../../../core/ui/types.ts'
import { Badge, Meter } from '../../components/bits.tsx'
import { Icon } from '../../components/icon.tsx'
import { now } from '../../state/clock.ts'
import { many, moment, span } from '../../state/format.ts'
import { healthOf, restingOf } from './health.ts'

const KINDS = { login: 'Subscription', 'API key': 'API key', 'no key': 'No key' }

interface CardProps {
  account: AccountView
  onSignIn: () => void
  onSignOut: () => void
}

/** One account: how it is, what is left of its limits, and until when it is signed in. */
export function AccountCard({ account, onSignIn, onSignOut }: CardProps) {
  const { title, kind, signedInBy, state, reason, quotas, rests, inFlight, source, removable } = account
  const { tone, word } = healthOf(account, now.value)
  const resting = restingOf(rests, now.value)
  const first = resting.toSorted((a, b) => a.until - b.until)[0]
  return (
    <article class="card account" aria-label={`${title}, ${account.account}`}>
      <header class="card-head">
        <div>
          <h2>{title}</h2>
          <p class="muted breaks">{account.account}</p>
        </div>
        <Badge tone={tone}>{word}</Badge>
      </header>
      {state === 'needs_login' && <p class="bad-words">{reason ?? 'Its login is over.'}</p>}
      {first && (
        <p class="warn-words">
          {resting.length === 1 ? first.model || 'All models' : many(resting.length, 'model')}{' '}
          {resting.length === 1 ? 'rests' : 'rest'} for {span(first.until - now.value)}, until{' '}
          {moment(first.until, now.value)}.
        </p>
      )}
      {quotas.length > 0 && (
        <div class="meters">
          {quotas.map((quota) => (
            <Meter key={quota.limit} label={limitName(quota.limit)} used={quota.used} detail={resetOf(quota)} />
          ))}
        </div>
      )}
      <dl class="facts">
        <dt>Kind</dt>
        <dd>{KINDS[signedInBy]}</dd>
        <Validity account={account} />
        {source !== undefined && (
          <>
            <dt>From</dt>
            <dd class="breaks">{source}</dd>
          </>
        )}
        {inFlight > 0 && (
          <>
            <dt>Under way</dt>
            <dd>{many(inFlight, 'request')}</dd>
          </>
        )}
      </dl>
      <footer class="card-foot">
        {kind === 'oauth' && state === 'needs_login' && (
          <button type="button" class="button primary" onClick={onSignIn}>
            Sign in again
          </button>
        )}
        {removable ? (
          <button
            type="button"
            class="button"
            onClick={onSignOut}
            aria-label={`${kind === 'oauth' ? 'Sign out of' : 'Remove key of'} ${title}, ${account.account}`}
          >
            <Icon name={kind === 'oauth' ? 'signOut' : 'close'} />
            {kind === 'oauth' ? 'Sign out' : 'Remove key'}
          </button>
        ) : (
          <p class="muted small-words">
            {signedInBy === 'no key' ? 'It needs none.' : 'Set where byok is started, and taken away there.'}
          </p>
        )}
      </footer>
    </article>
  )
}

function Validity({ account: { kind, state, expiresAt, renews } }: { account: AccountView }) {
  if (kind !== 'oauth' || state !== 'ok') return null
  if (renews) {
    return (
      <>
        <dt>Login</dt>
        <dd>Renewed by itself</dd>
      </>
    )
  }
  if (expiresAt === undefined) return null
  return (
    <>
      <dt>Login ends</dt>
      <dd>{expiresAt > now.value ? `in ${span(expiresAt - now.value)}` : 'has ended'}</dd>
    </>
  )
}

/** `5h` is a window of time; others are what is counted. */
function limitName(limit: string): string {
  const window = /^(\d+)(m|h|d)(?:_(\w+))?$/.exec(limit)
  if (!window) return `${limit.charAt(0).toUpperCase()}${limit.slice(1).replaceAll(/[-_]/g, ' ')}`
  const unit = { m: 'minutes', h: 'hours', d: 'days' }[window[2] ?? '']
  return `${window[1]} ${unit}${window[3] === undefined ? '' : `, ${window[3]}`}`
}

function resetOf({ resetAt }: QuotaView): string | undefined {
  return resetAt === undefined ? undefined : `resets in ${span(resetAt - now.value)}`
}
