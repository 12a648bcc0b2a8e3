/** What the browser shows at the end of a login. */
export interface CallbackPage {
  status: number
  title: string
  text: string
}

export const signedIn = (title: string): CallbackPage => ({
  status: 200,
  title: `Signed in to ${title}`,
  text: 'byok has what it needs. You can close this window and go back to the terminal.',
})

export const notSignedIn = (title: string, reason: string): CallbackPage => ({
  status: 400,
  title: `Not signed in to ${title}`,
  text: `${reason} You can close this window; the terminal says what to do next.`,
})

export const notExpected: CallbackPage = {
  status: 400,
  title: 'This sign-in was not expected',
  text: 'It does not belong to the login that byok is waiting for. Use the link that byok printed last.',
}

/** The page's headers: nothing may be loaded, framed, kept, or told where the browser came from. */
export const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  connection: 'close',
}

export function renderPage({ title, text }: CallbackPage): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escapeHtml(title)}</title>
<style>
  :root { color-scheme: light dark }
  body { font: 1.1rem/1.5 system-ui, sans-serif; max-width: 32rem; margin: 18vh auto; padding: 0 1.5rem }
  h1 { font-size: 1.5rem }
</style>
<h1>${escapeHtml(title)}</h1>
<p>${escapeHtml(text)}</p>
</html>
`
}

function escapeHtml(text: string): string {
  const names: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
  return text.replaceAll(/[&<>"']/g, (character) => names[character] ?? character)
}
