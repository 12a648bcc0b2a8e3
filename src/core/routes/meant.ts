/**
 * The path that a client meant whose base URL has `/v1` twice, not at all, or a slash too many. Clients put it together from what people
 * give them each in its own way: `//chat/completions` (librefang/librefang issue 3498), `/v1/v1/…` (AgentsKit-io/agentskit pull request
 * 1009), `/messages` where Anthropic's list of models wants the base without `/v1` and its chat with it (hotovo/aider-desk issue 854).
 */
export function meantPath(path: string): string {
  const segments = path.split('/').filter((segment) => segment !== '')
  const first = segments.findIndex((segment) => segment !== 'v1')
  return `/${['v1', ...(first === -1 ? [] : segments.slice(first))].join('/')}`
}
