import { render } from 'preact'
import { App } from './app.tsx'
import { follow } from './state/live.ts'
import { followAddress } from './state/route.ts'
import { followTheme } from './state/theme.ts'

followTheme()
followAddress()
const root = document.getElementById('app')
if (root) render(<App />, root)
void follow()
