/** A process that refreshes one login, and dies by SIGKILL at the step it is told: see refresh-crash.test.ts. */
import { openTokenStore, credentialOf } from '../../../src/core/store/index.ts'
import { codexAt, managerOf } from './manager-support.ts'

const [path = '', tokenUrl = '', dieAt = '', leaseMs = ''] = process.argv.slice(2)
const store = await openTokenStore({ path, keychain: false })
const record = await store.get('codex', 'ann')
if (!record) throw new Error('no account')
const manager = managerOf(store, {
  leaseMs: Number(leaseMs),
  onStep: (step) => {
    if (step === dieAt) process.kill(process.pid, 'SIGKILL')
  },
})
try {
  const credential = await manager.fresh(codexAt(tokenUrl), credentialOf(record))
  process.stdout.write(`token ${credential.kind === 'oauth' ? credential.accessToken.reveal() : ''}\n`)
} catch (error) {
  process.stdout.write(`${error instanceof Error && 'code' in error ? String(error.code) : String(error)}\n`)
}
await manager.close()
await store.close()
