import { existsSync } from 'node:fs'
import { chromium } from 'playwright-core'
import type { Browser } from 'playwright-core'

const PATH = process.env['CHROMIUM'] ?? '/usr/bin/chromium'

/** Whether there is a Chromium to test with: Debian's (`apt-get install chromium`), or the one that CHROMIUM names. */
export const hasChromium = existsSync(PATH)

export async function launchChromium(): Promise<Browser> {
  return await chromium.launch({
    executablePath: PATH,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}
