import { effect, signal } from '@preact/signals'

export const themes = ['system', 'light', 'dark'] as const
export type Theme = (typeof themes)[number]

const KEPT_AS = 'byok-theme'

/** What the person chose; `system` follows the machine. */
export const theme = signal<Theme>(read())

export function followTheme(): void {
  effect(() => {
    document.documentElement.dataset['theme'] = theme.value
    try {
      localStorage.setItem(KEPT_AS, theme.value)
    } catch {
      // Where the browser keeps nothing, the choice lasts as long as the page.
    }
  })
}

function read(): Theme {
  try {
    const kept = localStorage.getItem(KEPT_AS)
    return themes.find((one) => one === kept) ?? 'system'
  } catch {
    return 'system'
  }
}
