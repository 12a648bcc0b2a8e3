import { signal } from '@preact/signals'

export const views = {
  accounts: 'Accounts',
  requests: 'Requests',
  usage: 'Usage',
  routing: 'Routing',
  chat: 'Chat',
  setup: 'Set-up',
  config: 'Config',
} as const

export type ViewName = keyof typeof views

export interface Route {
  view: ViewName
  /** What of it, such as the tool whose set-up is shown. */
  detail: string
}

/** Where the page is: what stands after `#` in its address. */
export const route = signal(read())

/** What asks before a view is left, if anything does. */
export const leaving = signal<(() => boolean) | undefined>(undefined)

export function followAddress(): void {
  addEventListener('hashchange', () => {
    const next = read()
    if (next.view !== route.value.view && leaving.value && !leaving.value()) {
      history.replaceState(null, '', `#${route.value.view}`)
      return
    }
    route.value = next
  })
  addEventListener('beforeunload', (event) => {
    if (leaving.value) event.preventDefault()
  })
}

export function viewNames(): ViewName[] {
  return Object.keys(views).filter(isView)
}

function read(): Route {
  const [view = '', detail = ''] = location.hash.slice(1).split('/')
  return { view: isView(view) ? view : 'accounts', detail: decoded(detail) }
}

/** Anybody may write an address by hand. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function isView(name: string): name is ViewName {
  return Object.hasOwn(views, name)
}
