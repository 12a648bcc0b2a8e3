import { describe, expect, it } from 'vitest'
import { open, skipped, useStage } from './stage.ts'

describe.skipIf(skipped)('the accounts on the page', { timeout: 60_000 }, () => {
  useStage()

  it('a key is added, used, and removed once that is confirmed', async () => {
    const { byok, page, readConfig } = await open({ complaints: /status of 400/ })
    await page.getByRole('button', { name: 'Add key for Acme' }).click()
    const dialog = page.getByRole('dialog', { name: 'Add key for Acme' })
    await dialog.getByLabel('API key').fill('CANARY with a space')
    await dialog.getByRole('button', { name: 'Add key' }).click()
    await dialog.getByRole('alert').getByText('plain ASCII').waitFor()
    await dialog.getByLabel('API key').fill('CANARY-second')
    await page.keyboard.press('Enter')
    await dialog.waitFor({ state: 'detached' })
    await page.getByRole('status').getByText('The key of Acme is in use.').waitFor()
    const cards = page.getByRole('list', { name: 'Accounts' }).getByRole('article')
    await cards.nth(1).waitFor()
    expect(await readConfig()).toContain('CANARY-second')
    expect(await page.content()).not.toContain('CANARY')

    await page.getByRole('button', { name: 'Remove key of Acme, api_keys[0]' }).click()
    await page.getByRole('button', { name: 'Keep it' }).click()
    expect(await readConfig()).toContain('CANARY-second')
    await page.getByRole('button', { name: 'Remove key of Acme, api_keys[0]' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Remove key' }).click()
    await cards.nth(1).waitFor({ state: 'detached' })
    expect(await readConfig()).not.toContain('CANARY-second')
    expect(await byok.auth.status()).toHaveLength(1)
  })

  it('an endpoint that needs no key has none, and nothing to take away', async () => {
    const here = 'here: { type: openai-compatible, base_url: "http://127.0.0.1:9/v1", models: [m] }'
    const { page } = await open({ config: `port: 0\nproviders:\n  ${here}\n` })
    const card = page.getByRole('list', { name: 'Accounts' }).getByRole('article')
    await card.getByText('It needs none.').waitFor()
    expect(await card.getByRole('definition').first().textContent()).toBe('No key')
    expect(await card.getByRole('button').count()).toBe(0)
  })

  it('signs in by a device code under a name, and out again', async () => {
    const { byok, page, devices } = await open()
    await page.getByRole('button', { name: 'Sign in to Initech' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Name for this account').fill('work')
    await dialog.getByRole('button', { name: 'Begin' }).click()
    await dialog.getByText(devices.userCode).waitFor()
    const link = dialog.getByRole('link', { name: /^Open 127\.0\.0\.1/ })
    expect(await link.getAttribute('href')).toBe(`${devices.url}/device?user_code=${devices.userCode}`)
    await devices.polled
    devices.approve()
    await dialog.waitFor({ state: 'detached' })
    await page.getByText('Signed in to Initech as work.').waitFor()
    await page.getByRole('article', { name: 'Initech, work' }).getByText('Ready').waitFor()
    expect(await byok.store.list('initech')).toMatchObject([{ account: 'work', state: 'ok' }])

    await page.getByRole('button', { name: 'Sign out of Initech, work' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('article', { name: 'Initech, work' }).waitFor({ state: 'detached' })
    expect(await byok.store.list('initech')).toEqual([])
    expect(devices.faults).toEqual([])
  })

  it('signs in by PKCE, as the browser comes back to this machine', async () => {
    const { byok, page, codes } = await open()
    await page.getByRole('button', { name: 'Sign in to Globex' }).click()
    await page.getByRole('button', { name: 'Begin' }).click()
    const opened = page.context().waitForEvent('page')
    await page.getByRole('link', { name: 'Open Globex’s page' }).click()
    const tab = await opened
    await page.getByText('Signed in to Globex as default.').waitFor()
    await tab.close()
    expect(await byok.store.list('globex')).toMatchObject([{ account: 'default', state: 'ok' }])
    expect(codes.faults).toEqual([])
  })

  it('signs in by PKCE with the address that a browser on another machine ended at; says what is wrong with another', async () => {
    const { byok, page, codes } = await open()
    await page.getByRole('button', { name: 'Sign in to Globex' }).click()
    await page.getByRole('button', { name: 'Begin' }).click()
    const address = (await page.getByRole('link', { name: 'Open Globex’s page' }).getAttribute('href')) ?? ''
    const field = page.getByLabel('Or paste the address')
    await field.fill('http://localhost:1/callback?code=CANARY&state=nothing')
    await field.press('Enter')
    await page.getByRole('dialog').getByRole('alert').waitFor()
    const answer = await fetch(address, { redirect: 'manual' })
    await field.fill(answer.headers.get('location') ?? '')
    await page.getByRole('button', { name: 'Go on' }).click()
    await page.getByText('Signed in to Globex as default.').waitFor()
    expect(await byok.store.list('globex')).toHaveLength(1)
    expect(codes.faults).toEqual([])
  })

  it('says why a sign-in was refused, and begins it again; closing the dialog ends it', async () => {
    const { byok, page, codes } = await open()
    codes.refuse('access_denied', 'The person said no.')
    await page.getByRole('button', { name: 'Sign in to Globex' }).click()
    await page.getByRole('button', { name: 'Begin' }).click()
    const link = page.getByRole('link', { name: 'Open Globex’s page' })
    const first = (await link.getAttribute('href')) ?? ''
    await fetch(first)
    await page.getByRole('dialog').getByText('The person said no.').waitFor()
    await page.getByRole('button', { name: 'Try again' }).click()
    await link.waitFor()
    const callback = new URL(new URL((await link.getAttribute('href')) ?? '').searchParams.get('redirect_uri') ?? '')
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    // The port that the browser was to come back to is let go of.
    await expect
      .poll(() =>
        fetch(callback).then(
          () => 'taken',
          () => 'free',
        ),
      )
      .toBe('free')
    expect(await byok.store.list('globex')).toEqual([])
  })
})
