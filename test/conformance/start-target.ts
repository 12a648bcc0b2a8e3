import type { FakeProvider } from '../../src/testing/fake-server.ts'
import { runProvider } from '../plugins/run.ts'
import type { Run } from '../plugins/run.ts'
import type { Target } from './targets.ts'

/** A byok of one provider over one of its wires, with the vendor's fake behind it. */
export interface RunningTarget {
  fake: FakeProvider
  run: Run
  close(): Promise<void>
}

export async function startTarget(target: Target): Promise<RunningTarget> {
  const fake = await target.start()
  const run = await runProvider(target.plugin, {
    settings: target.settings(fake),
    ...(target.login && { login: target.login(fake) }),
    ...(target.name !== undefined && { name: target.name }),
  })
  const { providers } = run.byok.registry
  if (target.lists !== false) await Promise.all(providers.map((provider) => run.byok.modelLists.refresh(provider)))
  return {
    fake,
    run,
    async close() {
      await run.close()
      await fake.close()
    },
  }
}
