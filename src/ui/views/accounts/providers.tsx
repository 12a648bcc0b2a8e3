import type { ProviderView } from '../../../core/ui/types.ts'
import { many } from '../../state/format.ts'

interface ProvidersProps {
  providers: readonly ProviderView[]
  onSignIn: (provider: ProviderView) => void
  onKey: (provider: ProviderView) => void
}

/** Every provider, with the ways into it. */
export function Providers({ providers, onSignIn, onKey }: ProvidersProps) {
  return (
    <ul class="rows">
      {providers.map((provider) => {
        const { name, title, enabled, models, login, key } = provider
        return (
          <li key={name} class={enabled ? undefined : 'faint'}>
            <div class="row-words">
              <strong>{title}</strong>
              <span class="muted">
                {enabled ? (models > 0 ? many(models, 'model') : (login ?? name)) : 'Disabled in config'}
              </span>
            </div>
            {enabled && (
              <div class="row-actions">
                {login !== undefined && (
                  <button
                    type="button"
                    class="button"
                    aria-label={`Sign in to ${title}`}
                    onClick={() => onSignIn(provider)}
                  >
                    Sign in
                  </button>
                )}
                {key && (
                  <button
                    type="button"
                    class="button"
                    aria-label={`Add key for ${title}`}
                    onClick={() => onKey(provider)}
                  >
                    Add key
                  </button>
                )}
              </div>
            )}
          </li>
        )
      })}
    </ul>
  )
}
