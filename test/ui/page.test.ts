import { describe, expect, it } from 'vitest'
import { CONFIG, open, skipped, useStage } from './stage.ts'

describe.skipIf(skipped)('the page', { timeout: 60_000 }, () => {
  useStage()

  it('says where a config is invalid, takes one there, and saves and takes over a valid one with its secrets', async () => {
    const { byok, page, readConfig } = await open({ view: 'config' })
    const text = page.getByLabel(/^Text of/)
    const shown = await text.inputValue()
    expect(shown).toBe(CONFIG.replace('sk-test', '__SECRET_1__'))
    await text.fill(`${shown}routing: { strategy: nothing }\n`)
    await page.getByText('routing.strategy').waitFor()
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('button', { name: 'Go to line 5' }).click()
    expect(await page.evaluate('getSelection().toString()')).toBe('routing: { strategy: nothing }')
    expect(await readConfig()).toBe(CONFIG)

    await page.keyboard.type('routing: { strategy: round-robin }')
    await page.getByText('This is valid.').waitFor()
    // What was changed is not lost by a click beside it.
    page.once('dialog', (dialog) => void dialog.dismiss())
    await page.getByRole('link', { name: 'Usage' }).click()
    await page.getByRole('heading', { name: 'Config', level: 1 }).waitFor()
    await text.press('Control+s')
    await page.getByText(/^Saved .*taken over/).waitFor()
    expect(await readConfig()).toBe(`${CONFIG}routing: { strategy: round-robin }\n`)
    expect(byok.config.routing.strategy).toBe('round-robin')
    await page.getByRole('row').filter({ hasText: 'routing.strategy' }).getByText('round-robin').waitFor()
    expect(await page.content()).not.toContain('sk-test')
    await page.getByRole('link', { name: 'Routing' }).click()
    await page.getByText('round-robin').waitFor()
  })

  it('copies what a tool is set up with', async () => {
    const { page, url } = await open({
      view: 'setup',
      browser: { permissions: ['clipboard-read', 'clipboard-write'] },
    })
    await page.getByRole('navigation', { name: 'Tools' }).getByText('Codex CLI').click()
    await page.getByLabel('Model').selectOption('small')
    const file = page.getByRole('region', { name: 'what goes into .codex/config.toml' })
    await file.getByText('model = "small"').waitFor()
    await page.getByRole('button', { name: 'Copy what goes into .codex/config.toml' }).click()
    await page.getByText('Copied what goes into').waitFor()
    const copied = await page.evaluate('navigator.clipboard.readText()')
    expect(copied).toBe(await file.innerText())
    expect(copied).toContain(`${url}/v1`)
    await page.getByRole('button', { name: 'Copy the endpoint' }).click()
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(`${url}/v1`)
  })

  it('is light or dark as the system is, or as one says, and keeps that', async () => {
    const { page } = await open({ browser: { colorScheme: 'dark' } })
    const back = () => page.evaluate('getComputedStyle(document.documentElement).backgroundColor')
    await page.getByText('Live', { exact: true }).waitFor()
    const dark = await back()
    await page.getByText('Light', { exact: true }).locator('..').click()
    const light = await back()
    expect(light).not.toBe(dark)
    await page.reload()
    await page.getByText('Live', { exact: true }).waitFor()
    expect(await back()).toBe(light)
    await page.getByText('As the system', { exact: true }).locator('..').click()
    expect(await back()).toBe(dark)
  })

  it('asks once for an administrator’s key where there are keys', async () => {
    const keys =
      'server: { keys: [{ key: CANARY-root, label: root, admin: true }, { key: CANARY-chat, label: chat }] }\n'
    const { page } = await open({ config: CONFIG + keys, complaints: /status of 403/ })
    const field = page.getByLabel('Administrator’s key')
    await field.waitFor()
    await expect.poll(() => page.evaluate('document.activeElement.name')).toBe('key')
    await field.fill('CANARY-chat')
    await field.press('Enter')
    await page.getByRole('alert').getByText('may not administer').waitFor()
    await field.fill('CANARY-root')
    await page.getByRole('button', { name: 'Come in' }).click()
    await page.getByRole('heading', { name: 'Accounts', level: 1 }).waitFor()
    await expect.poll(() => page.evaluate('document.activeElement.id')).toBe('view-title')
    await page.reload()
    await page.getByRole('article', { name: /^Acme/ }).waitFor()
    expect(await page.evaluate('JSON.stringify([localStorage, sessionStorage, document.cookie])')).not.toContain(
      'CANARY',
    )
  })

  it('is told of all it shows by the keyboard alone', async () => {
    const { page } = await open({ view: 'usage' })
    await page.getByText('Live', { exact: true }).waitFor()
    const focused = () =>
      page.evaluate(
        '(document.activeElement.getAttribute("aria-label") ?? document.activeElement.innerText ?? "").trim()',
      )
    const to = async (name: RegExp | string, key = 'Tab') => {
      for (let presses = 0; presses < 40; presses++) {
        await page.keyboard.press(key)
        const now = String(await focused())
        if (typeof name === 'string' ? now === name : name.test(now)) return
      }
      throw new Error(`the keyboard does not come to ${name}`)
    }
    await page.keyboard.press('Tab')
    expect(await focused()).toBe('Skip to the content')
    await page.keyboard.press('Enter')
    expect(await page.evaluate('document.activeElement.id')).toBe('main')
    await page.evaluate('document.activeElement.blur()')
    for (const name of ['Requests', 'Routing', 'Chat', 'Set-up', 'Config', 'Accounts']) {
      await to(name, name === 'Accounts' ? 'Shift+Tab' : 'Tab')
      await page.keyboard.press('Enter')
      await page.getByRole('heading', { name, level: 1 }).waitFor()
      await expect.poll(() => page.title()).toBe(`${name} · byok`)
      await expect.poll(() => page.evaluate('document.activeElement.id')).toBe('view-title')
      await to('Accounts', 'Shift+Tab')
    }
    await to('Add key for Acme')
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').waitFor()
    await expect.poll(() => page.evaluate('document.activeElement.type')).toBe('password')
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    expect(await focused()).toBe('Add key for Acme')
  })

  it('says that byok is gone, goes on once it is back, and says that it was turned off', async () => {
    const { page, leave, writeConfig } = await open({ complaints: /status of 404|ERR_(?:CONNECTION|INCOMPLETE)/ })
    await page.getByText('Live', { exact: true }).waitFor()
    const comeBack = await leave()
    await page.getByRole('status').getByText('byok does not answer').waitFor()
    await page.getByRole('button', { name: 'Add key for Acme' }).click()
    await page.getByLabel('API key').fill('any')
    await page.keyboard.press('Enter')
    await page.getByRole('alert').getByText('Is it still running?').waitFor()
    await page.keyboard.press('Escape')
    await comeBack()
    await page.getByText('Live', { exact: true }).waitFor()
    await writeConfig(`${CONFIG}ui: false\n`)
    await (
      await leave()
    )()
    await page.getByRole('status').getByText('turned off').waitFor()
  })
})
