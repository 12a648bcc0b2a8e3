/** Strokes on a field of 24 by 24. */
const paths = {
  accounts:
    'M16 20v-1.5a4.5 4.5 0 0 0-9 0V20M11.5 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7ZM20.5 20v-1a4 4 0 0 0-3-3.9M16 4.3a3.5 3.5 0 0 1 0 6.5',
  requests: 'M3 12h4l3-8 4 16 3-8h4',
  usage: 'M5 20v-7M12 20V4M19 20v-11',
  routing:
    'M6 19a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5ZM18 10a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5ZM8.5 16.5H14a4 4 0 0 0 4-4V10',
  chat: 'M20 12a7.5 7.5 0 0 1-11 6.6L4 20l1.4-4.5A7.5 7.5 0 1 1 20 12Z',
  setup: 'M4 5h16v14H4ZM7.5 9.5l2.5 2.5-2.5 2.5M12.5 14.5h4',
  config:
    'M4 7h9M17 7h3M4 17h3M11 17h9M15 9.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5ZM9 19.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5Z',
  menu: 'M4 7h16M4 12h16M4 17h16',
  close: 'M6 6l12 12M18 6 6 18',
  copy: 'M9 9h11v11H9ZM5 15H4V4h11v1',
  check: 'M5 12.5 10 17.5 19.5 7',
  alert: 'M12 9v4.5M12 17h.01M12 3.5 2.5 20h19Z',
  info: 'M12 11v5.5M12 7.5h.01M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Z',
  key: 'M14.5 13.5a5 5 0 1 0-4-4L4 16v4h4v-2.5h2.5V15h2.5ZM15.5 8.5h.01',
  external: 'M13 5h6v6M19 5l-8 8M17 14v5H5V7h5',
  refresh: 'M20 5v5h-5M4 19v-5h5M19.5 10A8 8 0 0 0 5.5 7.5L4 9M4.5 14A8 8 0 0 0 18.5 16.5L20 15',
  stop: 'M7 7h10v10H7Z',
  send: 'M12 19V5M6 11l6-6 6 6',
  pause: 'M9 6v12M15 6v12',
  play: 'M8 5.5v13l10.5-6.5Z',
  clock: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM12 7.5V12l3 2',
  plus: 'M12 5v14M5 12h14',
  system: 'M4 5h16v11H4ZM9 20h6M12 16v4',
  light:
    'M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM12 3v1.5M12 19.5V21M3 12h1.5M19.5 12H21M5.6 5.6l1.1 1.1M17.3 17.3l1.1 1.1M5.6 18.4l1.1-1.1M17.3 6.7l1.1-1.1',
  dark: 'M20 14.5A8 8 0 0 1 9.5 4a8 8 0 1 0 10.5 10.5Z',
  lock: 'M6 11h12v9H6ZM8.5 11V8a3.5 3.5 0 0 1 7 0v3',
  signOut: 'M10 5H5v14h5M14 8l4 4-4 4M18 12H9',
} as const

export type IconName = keyof typeof paths

/** A drawing beside words that say the same, so it is hidden from who does not see it. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={paths[name]} />
    </svg>
  )
}
