import type { FunctionComponent } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { Connection } from './components/connection.tsx'
import { Notice } from './components/notice.tsx'
import { Sidebar } from './components/sidebar.tsx'
import { Unlock } from './components/unlock.tsx'
import { route, views } from './state/route.ts'
import type { ViewName } from './state/route.ts'
import { locked } from './state/session.ts'
import { AccountsView } from './views/accounts.tsx'
import { ChatView } from './views/chat.tsx'
import { ConfigView } from './views/config.tsx'
import { RequestsView } from './views/requests.tsx'
import { RoutingView } from './views/routing.tsx'
import { SetupView } from './views/setup.tsx'
import { UsageView } from './views/usage.tsx'

const shown: Record<ViewName, FunctionComponent> = {
  accounts: AccountsView,
  requests: RequestsView,
  usage: UsageView,
  routing: RoutingView,
  chat: ChatView,
  setup: SetupView,
  config: ConfigView,
}

export function App() {
  const { view } = route.value
  const Shown = shown[view]
  useTitle(locked.value ? 'Locked' : views[view])
  if (locked.value) return <Unlock />
  return (
    <div class="shell">
      <a class="skip" href="#main" onClick={skip}>
        Skip to the content
      </a>
      <Sidebar />
      <main id="main" class="main" tabIndex={-1}>
        <Connection />
        <Shown key={view} />
      </main>
      <Notice />
    </div>
  )
}

/** The address tells which view it is, so this link must not change it. */
function skip(event: Event): void {
  event.preventDefault()
  document.getElementById('main')?.focus()
}

/** Names the page by its view, and takes the focus to a new view's heading, as a new page would. */
function useTitle(title: string): void {
  const before = useRef(title)
  useEffect(() => {
    document.title = `${title} · byok`
    if (before.current === title) return
    before.current = title
    scrollTo(0, 0)
    document.getElementById('view-title')?.focus({ preventScroll: true })
  }, [title])
}
