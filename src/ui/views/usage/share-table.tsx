import type { UsageSumView } from '../../../core/ui/types.ts'
import { Table } from '../../components/table.tsx'
import { count, duration, percent } from '../../state/format.ts'
import { tokensOf } from './tokens.ts'

/** What was used by each of several, the most first, with a bar for its share of all tokens. */
export function ShareTable({ title, sums }: { title: string; sums: readonly UsageSumView[] }) {
  const tokens = ({ input, output }: UsageSumView) => input + output
  const all = sums.reduce((sum, one) => sum + tokens(one), 0)
  const most = Math.max(1, ...sums.map(tokens))
  const rows = sums.toSorted((a, b) => tokens(b) - tokens(a) || b.requests - a.requests)
  return (
    <section class="card flush">
      <div class="card-head">
        <h2>{title}</h2>
      </div>
      <Table
        caption={title}
        rows={rows}
        keyOf={({ key }) => key ?? ''}
        columns={[
          {
            title: title.replace('By ', '').replace(/^./, (first) => first.toUpperCase()),
            cell: (row) => (
              <>
                <span class="breaks">{row.key ?? 'without a name'}</span>
                <svg class="share" width="100%" height="6" aria-hidden="true" focusable="false">
                  <rect class="track" width="100%" height="6" rx="3" />
                  <rect class="part-0" width={`${(tokens(row) / most) * 100}%`} height="6" rx="3" />
                </svg>
              </>
            ),
          },
          { title: 'Share', figure: true, cell: (row) => (all === 0 ? '–' : percent(tokens(row) / all)) },
          { title: 'Requests', figure: true, cell: ({ requests }) => count(requests) },
          { title: 'Failed', figure: true, cell: ({ errors }) => count(errors) },
          { title: 'Tokens in', figure: true, cell: (sum) => tokensOf(sum)(sum.input) },
          { title: 'Tokens out', figure: true, cell: (sum) => tokensOf(sum)(sum.output) },
          {
            title: 'First byte',
            figure: true,
            cell: ({ firstByteMs }) => (firstByteMs === null ? '–' : duration(firstByteMs)),
          },
        ]}
      />
    </section>
  )
}
