import { describe, expect, it } from 'vitest'
import { gate, open, skipped, useStage } from './stage.ts'

describe.skipIf(skipped)('what the page sees of requests', { timeout: 60_000 }, () => {
  useStage()

  it('a request appears as it streams, ends before one’s eyes, and is counted', async () => {
    const { page, vendor, ask } = await open({ view: 'requests' })
    await page.getByText('No requests yet').waitFor()
    const held = gate()
    vendor.say({
      steps: [{ text: 'CANARY-answer' }, { wait: held.promise }],
      usage: { input: 1200, output: 34, cachedInput: 600 },
    })
    const response = await ask('acme/large')
    const row = page.getByRole('row').filter({ hasText: 'acme/large' })
    await row.getByText('Streaming').waitFor()
    await page.getByRole('link', { name: 'Requests 1 under way' }).waitFor()
    await page.getByRole('button', { name: 'Pause' }).click()
    held.open()
    await response.text()
    await page.getByText('None under way').waitFor()
    // What is held stays as it was.
    await row.getByText('Streaming').waitFor()
    await page.getByRole('button', { name: 'Go on' }).click()
    await row.getByText('Done', { exact: true }).waitFor()
    expect(await row.innerText()).toMatch(/1\.2K/)
    expect(await page.content()).not.toContain('CANARY')
    await page.getByLabel('Filter by model').fill('nobody')
    await page.getByText('No such request').waitFor()
    await page.getByLabel('Filter by model').fill('LARGE acme')
    await row.waitFor()

    await page.getByRole('link', { name: 'Usage' }).click()
    const total = page.getByLabel('In all')
    await total.getByText('1.2K').waitFor()
    expect(await total.innerText()).toMatch(/Requests\s+1\s+none failed/)
    expect(await total.innerText()).toMatch(/50% from a cache/)
    await page.getByText('Every figure, as a table').click()
    expect(await page.getByRole('table', { name: 'Tokens by day' }).getByRole('row').nth(1).innerText()).toMatch(
      /1,200\s+34/,
    )
    for (const [by, name] of [
      ['By model', 'large'],
      ['By provider', 'acme'],
    ] as const) {
      const one = page.getByRole('table', { name: by }).getByRole('row').filter({ hasText: name })
      expect(await one.innerText()).toMatch(/100%\s+1\s+0\s+1\.2K\s+34/)
    }
    expect(await page.getByRole('img', { name: /^Tokens by day\. Most on .*: 1,234\./ }).isVisible()).toBe(true)
    await page.getByLabel('What is drawn').selectOption('Requests')
    await page.getByRole('img', { name: /^Requests by day\. Most on .*: 1\./ }).waitFor()
    // A request that ends is counted while one looks.
    vendor.say({ steps: [{ text: 'Hello' }], usage: { input: 1, output: 1 } })
    await (await ask('acme/small')).text()
    await page.getByRole('table', { name: 'By model' }).getByText('small').waitFor()
  })

  it('tokens that are estimates are marked as such', async () => {
    const { page, vendor, ask } = await open({ view: 'requests' })
    await page.getByText('No requests yet').waitFor()
    vendor.say({ steps: [{ text: 'Once upon a time' }, { wait: new Promise<void>(() => {}) }] })
    const reader = (await ask('acme/large')).body?.getReader()
    await reader?.read()
    await reader?.cancel()
    const row = page.getByRole('row').filter({ hasText: 'acme/large' })
    await row.getByText('Client left').waitFor()
    expect(await row.innerText()).toMatch(/≈\s+estimated:\s+in\s+\d+/)
    await page.getByRole('link', { name: 'Usage' }).click()
    await page.getByText('Of 1 request the provider did not tell the tokens, which are estimates').waitFor()
    expect(await page.getByLabel('In all').innerText()).toMatch(/Tokens in\s+≈ \d/)
    const models = page.getByRole('table', { name: 'By model' }).getByRole('row').filter({ hasText: 'large' })
    expect(await models.innerText()).toMatch(/≈ \d+\s+≈ \d+/)
  })

  it('an account that rests is seen to, with the reason and the time', async () => {
    const { page, vendor, ask } = await open({ view: 'routing' })
    await page.getByText('No account rests.').waitFor()
    vendor.fail({ kind: 'rate_limit', retryAfter: 300 })
    expect((await ask('acme/large')).status).toBe(429)
    const rest = page.getByRole('table', { name: 'Cool-downs' }).getByRole('row').nth(1)
    await rest.waitFor()
    expect(await rest.innerText()).toMatch(/Acme[^]*large[^]*Resting[^]*Its limit is used up \(429[^]*in [45] min/)
    await page.getByRole('link', { name: 'Accounts', exact: true }).click()
    await page.getByRole('article', { name: /^Acme/ }).getByText('Limit reached').waitFor()
    await page.getByText(/^large rests for [45] min/).waitFor()
    await page.getByRole('link', { name: /^Requests/ }).click()
    await page.getByText('Failed', { exact: true }).click()
    await page.getByRole('row').filter({ hasText: 'Failed, 429' }).waitFor()
  })

  it('a rest is ended by hand', async () => {
    const { page, vendor, ask } = await open({ view: 'routing' })
    vendor.fail({ kind: 'rate_limit', retryAfter: 300 })
    expect((await ask('acme/large')).status).toBe(429)
    await page.getByRole('button', { name: /^Use again: Acme, / }).click()
    await page.getByText(/^Acme, .* takes requests again\.$/).waitFor()
    await page.getByText('No account rests.').waitFor()
    expect((await ask('acme/large')).status).toBe(200)
  })

  it('a chat streams, is stopped, goes on, and tells of failures', async () => {
    const { page, vendor } = await open({ view: 'chat', complaints: /status of 429/ })
    const held = gate()
    vendor.say({ steps: [{ text: 'Once upon' }, { wait: held.promise }, { text: ' a time' }] })
    await page.getByLabel('Model').selectOption('large')
    const field = page.getByLabel('Your message')
    await field.fill('Tell me a tale')
    await field.press('Enter')
    const log = page.getByRole('log')
    await log.getByText('Once upon').waitFor()
    await log.getByText('Writing…').waitFor()
    await page.getByRole('button', { name: 'Stop' }).click()
    await log.getByText(/^Stopped after/).waitFor()
    expect(await vendor.requests.at(-1)?.aborted).toBe(true)
    held.open()

    vendor.say({ steps: [{ text: ['And', ' so on.'] }], usage: { input: 9, output: 3 } })
    await field.fill('Go on')
    await page.getByRole('button', { name: 'Send' }).click()
    await log.getByText('And so on.').waitFor()
    await log.getByText(/^Done in .*3 tokens/).waitFor()
    const sent = vendor.requests.at(-1)?.json as { messages: { role: string; content: string }[] }
    expect(sent.messages.map(({ role, content }) => `${role}: ${content}`)).toEqual([
      'user: Tell me a tale',
      'assistant: Once upon',
      'user: Go on',
    ])

    vendor.fail({ kind: 'rate_limit', retryAfter: 60 })
    await field.fill('And then?')
    await field.press('Enter')
    await log.getByRole('alert').waitFor()
    await page.getByRole('button', { name: 'New chat' }).click()
    await log.getByText('Go on').waitFor({ state: 'detached' })
  })

  it('a page that nobody looks at holds no connection, and is up to date as soon as one does', async () => {
    const { page, ask } = await open({ view: 'requests' })
    await page.getByText('No requests yet').waitFor()
    const look = (hidden: boolean) =>
      page.evaluate(`
        Object.defineProperty(document, 'hidden', { value: ${hidden}, configurable: true })
        document.dispatchEvent(new Event('visibilitychange'))
      `)
    const letGo = page.waitForEvent('requestfailed', (request) => request.url().endsWith('/ui/api/events'))
    await look(true)
    await letGo
    await (await ask('acme/large')).text()
    expect(await page.getByText('No requests yet').isVisible()).toBe(true)
    await look(false)
    await page.getByRole('row').filter({ hasText: 'acme/large' }).waitFor()
  })

  it('a connection over which nothing comes any more is made anew', async () => {
    const { page, ask } = await open({ view: 'requests' })
    await page.clock.install()
    await page.reload()
    await page.getByText('Live', { exact: true }).waitFor()
    let lost = 0
    page.on('requestfailed', (request) => void (lost += request.url().endsWith('/ui/api/events') ? 1 : 0))
    await page.clock.fastForward(30_000)
    await (await ask('acme/large')).text()
    await page.getByRole('row').filter({ hasText: 'acme/large' }).waitFor()
    await page.clock.fastForward(30_000)
    expect(lost).toBe(0)
    const again = page.waitForRequest((request) => request.url().endsWith('/ui/api/events'))
    await page.clock.fastForward(60_000)
    await again
    expect(lost).toBe(1)
    await page.getByText('Live', { exact: true }).waitFor()
  })

  it('an address that nobody could read opens the view that it names', async () => {
    const { page } = await open({ view: 'setup/%' })
    await page.getByRole('heading', { name: 'Set-up', exact: true }).waitFor()
  })
})
