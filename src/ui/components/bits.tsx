import type { ComponentChildren } from 'preact'
import { percent } from '../state/format.ts'
import { Icon } from './icon.tsx'
import type { IconName } from './icon.tsx'

export type Tone = 'good' | 'warn' | 'bad' | 'plain' | 'busy'

/** A state in a word or two; never by colour alone. */
export function Badge({ tone, children }: { tone: Tone; children: ComponentChildren }) {
  return (
    <span class={`badge ${tone}`}>
      <span class="dot" aria-hidden="true" />
      {children}
    </span>
  )
}

/** How much of something is used. */
export function Meter({ label, used, detail }: { label: string; used: number; detail?: string }) {
  const share = Math.min(1, Math.max(0, used))
  const tone = share >= 0.9 ? 'bad' : share >= 0.8 ? 'warn' : 'good'
  const told = `${percent(share)} used${detail === undefined ? '' : `, ${detail}`}`
  return (
    <div class="meter">
      <div class="meter-words">
        <span>{label}</span>
        <span class="muted">{told}</span>
      </div>
      <div
        class={`track ${tone}`}
        role="meter"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(share * 100)}
        aria-valuetext={told}
      >
        <div class="fill" style={{ width: `${share * 100}%` }} />
      </div>
    </div>
  )
}

interface EmptyProps {
  icon: IconName
  title: string
  /** All is well so: told in a line. */
  fine?: boolean
  children?: ComponentChildren
}

/** What stands where there is nothing yet: what it will be, and what to do for it. */
export function Empty({ icon, title, fine, children }: EmptyProps) {
  return (
    <div class={fine ? 'empty fine' : 'empty'}>
      <Icon name={icon} />
      <p class="empty-title">{title}</p>
      {children !== undefined && <div class="muted">{children}</div>}
    </div>
  )
}

/** What went wrong, and what to do next. */
export function Failure({ message, onRetry }: { message: string; onRetry?: () => void }) {
  return (
    <div class="callout bad" role="alert">
      <Icon name="alert" />
      <div class="callout-words">{message}</div>
      {onRetry && (
        <button type="button" class="button small" onClick={onRetry}>
          Try again
        </button>
      )}
    </div>
  )
}

export function Callout({ tone, children }: { tone: 'warn' | 'plain' | 'good'; children: ComponentChildren }) {
  return (
    <div class={`callout ${tone}`}>
      <Icon name={tone === 'warn' ? 'alert' : tone === 'good' ? 'check' : 'info'} />
      <div class="callout-words">{children}</div>
    </div>
  )
}

export function Loading() {
  return (
    <p class="loading muted" role="status">
      Loading…
    </p>
  )
}

interface ViewProps {
  title: string
  /** One sentence. */
  lead?: ComponentChildren
  actions?: ComponentChildren
  children: ComponentChildren
}

/** A view's heading and what is below it. */
export function View({ title, lead, actions, children }: ViewProps) {
  return (
    <>
      <header class="view-head">
        <div>
          <h1 id="view-title" tabIndex={-1}>
            {title}
          </h1>
          {lead !== undefined && <p class="lead">{lead}</p>}
        </div>
        {actions !== undefined && <div class="actions">{actions}</div>}
      </header>
      {children}
    </>
  )
}
