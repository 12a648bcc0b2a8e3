import { describe, expect, it, vi } from 'vitest'
import { createMemoryTokenStore, definePlugin } from '../../../src/index.ts'
import { createIsolatedByok } from '../../helpers/isolated-byok.ts'
import { makeDirectory } from '../store/support.ts'

/** What makes byok fail once all of it is open. */
const clashing = definePlugin({
  name: 'clashing',
  routes: [{ method: 'GET', path: '/v1/models', handler: () => new Response() }],
})

/** Options of a byok whose logins are in a store of a plugin's, which is closed by what a test gives. */
async function kept(close: () => Promise<void>) {
  const open = async () => Object.assign(createMemoryTokenStore(), { close })
  const vault = definePlugin({ name: 'vault', stores: { vault: open } })
  return { plugins: [vault], db: 'vault://all', store: undefined, env: { HOME: await makeDirectory() } }
}

describe('createByok that fails', () => {
  it('closes the store it has opened', async () => {
    const close = vi.fn(async () => {})
    const options = await kept(close)
    const made = createIsolatedByok({ ...options, plugins: [...options.plugins, clashing] })
    await expect(made).rejects.toThrow("the path /v1/models is byok's own")
    expect(close).toHaveBeenCalledOnce()
  })

  it('says why, also where what is open cannot be closed', async () => {
    const options = await kept(() => Promise.reject(new Error('not now')))
    const made = createIsolatedByok({ ...options, plugins: [...options.plugins, clashing] })
    await expect(made).rejects.toThrow("the path /v1/models is byok's own")
  })

  it('leaves open a store that was given', async () => {
    const store = Object.assign(createMemoryTokenStore(), { close: vi.fn(async () => {}) })
    await expect(createIsolatedByok({ plugins: [clashing], store })).rejects.toThrow("byok's own")
    expect(store.close).not.toHaveBeenCalled()
  })
})

describe('Byok.close', () => {
  it('closes what comes after a part that cannot be closed, and says why that could not', async () => {
    const close = vi.fn(async () => {})
    const byok = await createIsolatedByok(await kept(close))
    vi.spyOn(byok.auth, 'close').mockRejectedValue(new Error('not now'))
    await expect(byok.close()).rejects.toThrow('not now')
    expect(close).toHaveBeenCalledOnce()
  })
})

it('closes what it has opened at the end of the block that uses it', async () => {
  const close = vi.fn(async () => {})
  const options = await kept(close)
  const use = async () => {
    await using byok = await createIsolatedByok(options)
    expect(byok.config.port).toBe(8018)
    expect(close).not.toHaveBeenCalled()
  }
  await use()
  expect(close).toHaveBeenCalledOnce()
})
