import { useSignal } from '@preact/signals'
import { connection, overview, underWay } from '../state/live.ts'
import { baseUrl } from '../state/address.ts'
import { route, viewNames, views } from '../state/route.ts'
import { theme, themes } from '../state/theme.ts'
import type { Theme } from '../state/theme.ts'
import { Badge } from './bits.tsx'
import type { Tone } from './bits.tsx'
import { CopyButton } from './copy.tsx'
import { Icon } from './icon.tsx'

const states: Record<typeof connection.value, [Tone, string]> = {
  connecting: ['plain', 'Connecting'],
  open: ['good', 'Live'],
  lost: ['bad', 'Not connected'],
  off: ['plain', 'Turned off'],
}

/** The way around; on narrow screens, behind a button. */
export function Sidebar() {
  const open = useSignal(false)
  const { view } = route.value
  const [tone, word] = states[connection.value]
  return (
    <header class="side">
      <div class="side-head">
        <Logo />
        <Badge tone={tone}>{word}</Badge>
        <button
          type="button"
          class="button quiet icon-only menu-button"
          aria-expanded={open.value}
          aria-controls="menu"
          aria-label="Menu"
          onClick={() => (open.value = !open.value)}
        >
          <Icon name={open.value ? 'close' : 'menu'} />
        </button>
      </div>
      <div id="menu" class={`menu ${open.value ? 'open' : ''}`}>
        <nav aria-label="Views">
          <ul>
            {viewNames().map((name) => (
              <li key={name}>
                <a
                  href={`#${name}`}
                  aria-current={name === view ? 'page' : undefined}
                  onClick={() => (open.value = false)}
                >
                  <Icon name={name} />
                  {views[name]}
                  {name === 'requests' && underWay.value > 0 && (
                    <span class="tally">
                      {underWay.value}
                      <span class="off-screen"> under way</span>
                    </span>
                  )}
                </a>
              </li>
            ))}
          </ul>
        </nav>
        <div class="side-foot">
          <div class="endpoint">
            <span class="muted">Endpoint</span>
            <code>{baseUrl}/v1</code>
            <CopyButton text={`${baseUrl}/v1`} what="the endpoint" />
          </div>
          <Themes />
          <p class="muted version">{overview.value ? `byok ${overview.value.version}` : 'byok'}</p>
        </div>
      </div>
    </header>
  )
}

const themeNames: Record<Theme, string> = { system: 'As the system', light: 'Light', dark: 'Dark' }

function Themes() {
  return (
    <fieldset class="themes">
      <legend class="off-screen">Colours</legend>
      {themes.map((name) => (
        <label key={name} title={themeNames[name]}>
          <input
            type="radio"
            name="theme"
            class="off-screen"
            checked={theme.value === name}
            onChange={() => (theme.value = name)}
          />
          <Icon name={name} />
          <span class="off-screen">{themeNames[name]}</span>
        </label>
      ))}
    </fieldset>
  )
}

export function Logo() {
  return (
    <span class="logo">
      <svg viewBox="0 0 32 32" aria-hidden="true" focusable="false">
        <rect width="32" height="32" rx="8" />
        <circle cx="11.5" cy="16" r="4.5" />
        <path d="M16 16h9v4M21 16v3" />
      </svg>
      byok
    </span>
  )
}
