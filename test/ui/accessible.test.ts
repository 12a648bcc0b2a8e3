import { createRequire } from 'node:module'
import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { Secret } from '../../src/index.ts'
import { CONFIG, gate, open, skipped, useStage } from './stage.ts'

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** In the dark nothing but colours differs from the light. */
const LOOKS = [
  { name: 'light', width: 1280, colorScheme: 'light', rules: undefined },
  { name: 'dark', width: 1280, colorScheme: 'dark', rules: ['color-contrast', 'link-in-text-block'] },
  { name: '320 px', width: 320, colorScheme: 'dark', rules: undefined },
] as const

/** What axe-core finds, in each look, and whether the page is wider than its window. */
async function faultsOf(page: Page, looks: readonly (typeof LOOKS)[number][] = LOOKS): Promise<string[]> {
  const faults: string[] = []
  for (const { name, width, colorScheme, rules } of looks) {
    await page.setViewportSize({ width, height: 900 })
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    const found = await page.evaluate<{ id: string; nodes: { html: string; failureSummary: string }[] }[]>(
      `axe.run(${JSON.stringify({ resultTypes: ['violations'], ...(rules && { runOnly: rules }) })}).then((found) => found.violations)`,
    )
    faults.push(
      ...found.flatMap(({ id, nodes }) =>
        nodes.map(({ html, failureSummary }) => `${name}: ${id}: ${html}: ${failureSummary}`),
      ),
    )
    if (await page.evaluate('document.documentElement.scrollWidth > innerWidth'))
      faults.push(`${name}: scrolls sideways`)
  }
  return faults
}

describe.skipIf(skipped)('axe-core finds nothing wrong', { timeout: 60_000 }, () => {
  useStage()

  it('with any view, empty', async () => {
    const { page } = await open({ config: 'port: 8018\n' })
    await page.addInitScript(axe)
    await page.reload()
    for (const view of ['accounts', 'requests', 'usage', 'routing', 'chat']) {
      await page.goto(page.url().replace(/#.*/, `#${view}`))
      await page.locator('.empty').first().waitFor()
      expect(await faultsOf(page, LOOKS.slice(-1)), view).toEqual([])
    }
  })

  it('with any view, full, nor with a dialog or the menu', async () => {
    const config = `${CONFIG}models: { mine: [acme/large, acme/small] }\n`
    const { page, vendor, ask, devices } = await open({ config, complaints: /status of 429/ })
    await page.addInitScript(axe)
    await page.reload()
    await page.getByText('Live', { exact: true }).waitFor()
    const held = gate()
    vendor.say({ steps: [{ text: 'Hello' }], usage: { input: 1200, output: 34 } })
    await (await ask('acme/large')).text()
    vendor.say({ steps: [{ text: 'Hello' }, { wait: held.promise }] })
    const response = await ask('acme/large')
    vendor.fail({ kind: 'rate_limit', retryAfter: 300 })
    await ask('acme/small')
    const go = async (view: string, seen: string) => {
      await page.goto(page.url().replace(/#.*/, `#${view}`))
      await page.locator(seen).first().waitFor()
    }

    await go('accounts', '.warn-words')
    expect(await faultsOf(page), 'accounts').toEqual([])
    await page.getByRole('button', { name: 'Sign in to Initech' }).click()
    await page.getByRole('button', { name: 'Begin' }).click()
    await page.getByText(devices.userCode).waitFor()
    expect(await faultsOf(page), 'the dialog').toEqual([])
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Menu' }).click()
    expect(await faultsOf(page), 'the menu').toEqual([])

    await go('requests', 'tbody tr')
    expect(await faultsOf(page), 'requests').toEqual([])
    await go('usage', '.chart')
    await page.getByText('Every figure, as a table').click()
    expect(await faultsOf(page), 'usage').toEqual([])
    await go('routing', '.badge.warn')
    expect(await faultsOf(page), 'routing').toEqual([])
    await go('setup', '.code')
    expect(await faultsOf(page), 'setup').toEqual([])
    await go('config', '.editor')
    await page.getByLabel(/^Text of/).fill('routing: { strategy: nothing }')
    await page.getByRole('button', { name: 'Go to line 1' }).waitFor()
    expect(await faultsOf(page), 'config').toEqual([])
    page.once('dialog', (dialog) => void dialog.accept())
    await go('chat', '.say')
    await page.getByLabel('Model').selectOption('large')
    await page.getByLabel('Your message').fill('Hello')
    vendor.say({ steps: [{ reasoning: 'Hm.' }, { text: 'Hello' }] })
    await page.keyboard.press('Enter')
    await page.getByText(/^Done in/).waitFor()
    expect(await faultsOf(page), 'chat').toEqual([])
    held.open()
    await response.text()
  })

  it('with names and reasons that are one long word', async () => {
    const word = 'word'.repeat(30)
    const extra = `  ${word}: { type: openai-compatible, base_url: http://127.0.0.1:9, api_key: k }\n`
    const { page, byok } = await open({ config: `${CONFIG}${extra}` })
    await page.addInitScript(axe)
    const tokens = { accessToken: new Secret('a'), refreshToken: new Secret('r') }
    const { version } = await byok.store.put({ provider: 'globex', account: word, kind: 'oauth', tokens, metadata: {} })
    await byok.store.markNeedsLogin('globex', word, version, word)
    await page.reload()
    await page.getByText('Needs sign-in').waitFor()
    expect(await faultsOf(page)).toEqual([])
    await page.getByRole('button', { name: `Add key for ${word}` }).click()
    await page.getByRole('dialog').waitFor()
    expect(await page.evaluate('document.querySelector("dialog").scrollWidth')).toBe(
      await page.evaluate('document.querySelector("dialog").clientWidth'),
    )
  })

  it('with the page that asks for a key', async () => {
    const config = `${CONFIG}server: { keys: [{ key: root, label: root, admin: true }] }\n`
    const { page } = await open({ config, complaints: /status of 403/ })
    await page.addInitScript(axe)
    await page.reload()
    await page.getByLabel('Administrator’s key').waitFor()
    expect(await faultsOf(page)).toEqual([])
  })
})
