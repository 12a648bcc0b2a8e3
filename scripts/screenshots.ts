/**
 * Takes the pictures of the page that README and docs show, with accounts and usage that are made up.
 *
 * Usage: npm run screenshots    with Chromium where the tests of the page find it
 */
import { mkdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { launchChromium } from '../test/ui/chromium.ts'
import { buildUi } from './build-ui.ts'
import { startDemo } from './screenshots/demo.ts'

const folder = fileURLToPath(new URL('../docs/public/ui/', import.meta.url))
const pictures = ['accounts', 'requests', 'usage']

await mkdir(folder, { recursive: true })
await buildUi()
const browser = await launchChromium()
const demo = await startDemo()
try {
  for (const colorScheme of ['light', 'dark'] as const) {
    const page = await browser.newPage({
      viewport: { width: 1280, height: 800 },
      colorScheme,
      locale: 'en-GB',
      reducedMotion: 'reduce',
    })
    for (const name of pictures) {
      await page.goto(`${demo.url}/ui#${name}`)
      await page.getByRole('heading', { level: 1 }).waitFor()
      await page.getByText('Live', { exact: true }).waitFor()
      if (name === 'usage') {
        await page.getByText('30 days').click()
        await page.locator('.bar').nth(29).waitFor()
      }
      const path = `${folder}${name}-${colorScheme}.png`
      await page.screenshot({ path, animations: 'disabled' })
      console.log(path)
    }
    await page.close()
  }
} finally {
  await browser.close()
  await demo.close()
}
