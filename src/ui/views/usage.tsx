import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import type { UsageSumView, UsageView as Usage } from '../../core/ui/types.ts'
import { Callout, Empty, Failure, Loading, View } from '../components/bits.tsx'
import { Segments } from '../components/segments.tsx'
import { useLoad } from '../components/use-load.ts'
import { count, duration, many, percent } from '../state/format.ts'
import { lastEnd } from '../state/live.ts'
import { DayChart } from './usage/day-chart.tsx'
import { measures } from './usage/measure.ts'
import type { MeasureName } from './usage/measure.ts'
import { ShareTable } from './usage/share-table.tsx'
import { tokensOf } from './usage/tokens.ts'

const ranges = [
  [1, 'Today'],
  [7, '7 days'],
  [30, '30 days'],
  [90, '90 days'],
] as const

/** Records are written a moment after their request. */
const SETTLE_MS = 1500

/** What was used, by day, model and provider. */
export function UsageView() {
  const days = useSignal(7)
  const measure = useSignal<MeasureName>('tokens')
  const { data, error, reload } = useLoad<Usage>(`usage?days=${days.value}`)
  useReloadAfterRequests(reload)
  return (
    <View
      title="Usage"
      lead="Counted by byok on this machine, from what providers say of each request."
      actions={
        <Segments
          legend="Since when"
          name="range"
          options={ranges}
          value={days.value}
          onChange={(value) => (days.value = value)}
        />
      }
    >
      {error !== undefined && <Failure message={error} onRetry={reload} />}
      {!data && error === undefined && <Loading />}
      {data && !data.recorded && (
        <Callout tone="warn">
          Usage is not recorded. Set <code>usage.enabled: true</code> in <a href="#config">Config</a>, and start byok
          again.
        </Callout>
      )}
      {data?.recorded && data.total.requests === 0 && (
        <Empty icon="usage" title="Nothing was used in this time">
          Requests are counted here as soon as they end. Say something in <a href="#chat">Chat</a> to see one.
        </Empty>
      )}
      {data && data.total.requests > 0 && (
        <>
          <Totals total={data.total} />
          <Estimates total={data.total} />
          <div class="card">
            <div class="card-head">
              <h2>By day</h2>
              <label class="field inline">
                <span class="off-screen">What is drawn</span>
                <select
                  value={measure.value}
                  onChange={({ currentTarget }) => {
                    const found = measures.find(({ name }) => name === currentTarget.value)
                    if (found) measure.value = found.name
                  }}
                >
                  {measures.map(({ name, title }) => (
                    <option key={name} value={name}>
                      {title}
                    </option>
                  ))}
                </select>
              </label>
            </div>
            <DayChart days={data.days} sums={data.byDay} measure={measure.value} />
          </div>
          <ShareTable title="By model" sums={data.byModel} />
          <ShareTable title="By provider" sums={data.byProvider} />
        </>
      )}
    </View>
  )
}

function Totals({ total }: { total: UsageSumView }) {
  const { requests, errors, input, output, cachedInput, firstByteMs } = total
  const tokens = tokensOf(total)
  return (
    <dl class="tiles" aria-label="In all">
      <Tile title="Requests" value={count(requests)} more={errors === 0 ? 'none failed' : `${count(errors)} failed`} />
      <Tile
        title="Tokens in"
        value={tokens(input)}
        more={input === 0 ? undefined : `${percent(cachedInput / input)} from a cache`}
      />
      <Tile title="Tokens out" value={tokens(output)} />
      <Tile title="First byte" value={firstByteMs === null ? '–' : duration(firstByteMs)} more="on average" />
    </dl>
  )
}

/** Which of the figures are none that a provider gave. */
function Estimates({ total: { estimated } }: { total: UsageSumView }) {
  if (estimated === 0) return null
  return (
    <Callout tone="plain">
      Of {many(estimated, 'request')} the provider did not tell the tokens, which are estimates here (≈).
    </Callout>
  )
}

function Tile({ title, value, more }: { title: string; value: string; more?: string }) {
  return (
    <div>
      <dt>{title}</dt>
      <dd>
        {value}
        {more !== undefined && <span class="under">{more}</span>}
      </dd>
    </div>
  )
}

/** Asks anew once requests have ended and been recorded. */
function useReloadAfterRequests(reload: () => void): void {
  // What ended just before may not have been counted in the first answer.
  const seen = useRef(Date.now() - lastEnd.value < 2 * SETTLE_MS ? 0 : lastEnd.value)
  const ended = lastEnd.value
  useEffect(() => {
    if (ended === seen.current) return
    const timer = setTimeout(() => {
      seen.current = ended
      reload()
    }, SETTLE_MS)
    return () => clearTimeout(timer)
  }, [ended, reload])
}
