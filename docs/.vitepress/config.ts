import { existsSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitepress'

const DOCS = fileURLToPath(new URL('..', import.meta.url))

/** The pages of a folder, by name; made by `scripts/docs-pages.ts`. */
const pagesIn = (folder: string) =>
  readdirSync(DOCS + folder)
    .filter((name) => name.endsWith('.md'))
    .map((name) => name.slice(0, -'.md'.length))
    .map((name) => ({ text: name, link: `/${folder}/${name}` }))

/** There once `npm run docs:api` has made them. */
const api = existsSync(`${DOCS}api/index.md`) ? [{ text: 'API', link: '/api/' }] : []

export default defineConfig({
  title: 'byok',
  description: 'One local OpenAI-compatible endpoint for the AI subscriptions and API keys you already have',
  cleanUrls: true,
  // A link that leads nowhere within the site ends the build; these are of one's own machine, or of the repository.
  ignoreDeadLinks: ['localhostLinks', /README/],
  srcExclude: ['api/README.md'],
  themeConfig: {
    search: { provider: 'local' },
    nav: [{ text: 'Quick start', link: '/quick-start' }, { text: 'Configuration', link: '/reference/config' }, ...api],
    sidebar: [
      {
        text: 'byok',
        items: [
          { text: 'Quick start', link: '/quick-start' },
          { text: 'Configuration', link: '/reference/config' },
          { text: 'Command line', link: '/cli' },
          { text: 'The page', link: '/ui' },
          { text: 'More than one process', link: '/scaling' },
          { text: 'Security', link: '/security' },
          { text: 'Architecture', link: '/architecture' },
        ],
      },
      {
        text: 'For programs',
        items: [{ text: 'Embedding', link: '/embedding' }, { text: 'Plugins', link: '/plugins' }, ...api],
      },
      {
        text: 'Tables',
        items: [
          { text: 'Providers', link: '/providers' },
          { text: 'Protocols', link: '/protocols' },
          { text: 'When things break', link: '/faults' },
        ],
      },
      { text: 'Providers', collapsed: true, items: pagesIn('providers') },
      { text: 'Clients', collapsed: true, items: pagesIn('clients') },
      {
        text: 'Coming from',
        items: [
          { text: 'CLIProxyAPI', link: '/migration/cliproxyapi' },
          { text: 'LiteLLM', link: '/migration/litellm' },
        ],
      },
    ],
  },
})
