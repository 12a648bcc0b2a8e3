import { useSignal } from '@preact/signals'
import type { ConfigView } from '../../../core/ui/types.ts'
import { Table } from '../../components/table.tsx'
import { many } from '../../state/format.ts'

type Setting = ConfigView['settings'][number]

/** Every setting as it counts, and where it came from. */
export function Settings({ settings }: { settings: Setting[] }) {
  const words = useSignal('')
  const all = useSignal(false)
  const shown = settings.filter(
    ({ key, source }) =>
      (all.value || source !== 'default') && key.toLowerCase().includes(words.value.trim().toLowerCase()),
  )
  return (
    <section class="stack" aria-labelledby="settings">
      <h2 id="settings">What counts</h2>
      <div class="filters">
        <label class="field search">
          <span class="off-screen">Filter by name</span>
          <input
            type="search"
            placeholder="Name of a setting"
            value={words.value}
            onInput={({ currentTarget }) => (words.value = currentTarget.value)}
          />
        </label>
        <label class="check">
          <input type="checkbox" checked={all.value} onChange={() => (all.value = !all.value)} />
          Defaults too
        </label>
      </div>
      <p class="off-screen" role="status">
        {many(shown.length, 'setting')}
      </p>
      {shown.length === 0 ? (
        <p class="muted">
          {all.value ? 'No setting has such a name.' : 'Nothing but defaults. Tick “Defaults too” to see those.'}
        </p>
      ) : (
        <div class="card flush">
          <Table
            caption="Settings"
            rows={shown}
            keyOf={({ key }) => key}
            columns={[
              { title: 'Setting', cell: ({ key }) => <code class="breaks">{key}</code> },
              { title: 'Value', cell: ({ value }) => <code class="breaks">{textOf(value)}</code> },
              { title: 'From', cell: ({ source }) => <span class="breaks">{source}</span> },
            ]}
          />
        </div>
      )}
    </section>
  )
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
