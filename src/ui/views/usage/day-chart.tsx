import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import type { UsageSumView } from '../../../core/ui/types.ts'
import { Table } from '../../components/table.tsx'
import { compact, count, day } from '../../state/format.ts'
import { axisEnd, measures } from './measure.ts'
import type { MeasureName } from './measure.ts'

interface DayChartProps {
  days: readonly string[]
  sums: readonly UsageSumView[]
  measure: MeasureName
}

interface DayRow {
  date: string
  values: number[]
  sum: number
}

const HEIGHT = 200
const TOP = 12
const FOOT = 22
const LEFT = 46

/** Bars by day, as wide as there is room for; the same as a table for who does not see it. */
export function DayChart({ days, sums, measure }: DayChartProps) {
  const { parts, title } = measures.find(({ name }) => name === measure) ?? { parts: [], title: '' }
  const bySum = new Map(sums.map((sum) => [sum.key, sum]))
  const rows = days.map((date): DayRow => {
    const sum = bySum.get(date)
    const values = parts.map(({ of }) => (sum ? of(sum) : 0))
    return { date, values, sum: values.reduce((all, value) => all + value, 0) }
  })
  const most = rows.reduce((best, row) => (row.sum > best.sum ? row : best), { date: '', values: [], sum: 0 })
  const words =
    most.sum === 0
      ? `${title} by day: none.`
      : `${title} by day. Most on ${day(most.date)}: ${count(most.sum)}. The table below has every figure.`
  return (
    <>
      <Bars rows={rows} names={parts.map((part) => part.title)} most={most.sum} words={words} />
      <details class="figures">
        <summary>Every figure, as a table</summary>
        <Table
          caption={`${title} by day`}
          rows={rows.toReversed()}
          keyOf={({ date }) => date}
          columns={[
            { title: 'Day', cell: ({ date }) => date },
            ...parts.map((part, index) => ({
              title: part.title,
              figure: true,
              cell: ({ values }: DayRow) => count(values[index] ?? 0),
            })),
          ]}
        />
      </details>
    </>
  )
}

interface BarsProps {
  rows: readonly DayRow[]
  names: string[]
  most: number
  words: string
}

function Bars({ rows, names, most, words }: BarsProps) {
  const box = useRef<HTMLDivElement>(null)
  const width = useSignal(640)
  const over = useSignal<number | undefined>(undefined)
  useEffect(() => {
    const watch = new ResizeObserver(([entry]) => {
      if (entry && entry.contentRect.width > 0) width.value = Math.floor(entry.contentRect.width)
    })
    if (box.current) watch.observe(box.current)
    return () => watch.disconnect()
  }, [width])

  const end = axisEnd(most)
  const room = HEIGHT - TOP - FOOT
  const slot = (width.value - LEFT) / rows.length
  const thick = Math.max(1, Math.min(44, slot * 0.66))
  const y = (value: number) => TOP + room - (value / end) * room
  const every = Math.ceil(64 / slot)
  const marks = end >= 2 ? [0, end / 2, end] : [0, end]
  const pointed = over.value === undefined ? undefined : rows[over.value]
  return (
    <div ref={box} class="chart">
      <p class="readout" aria-hidden="true">
        {pointed ? `${day(pointed.date)}: ` : ''}
        {names.map((name, index) => (
          <span key={name} class={`legend part-${index}`}>
            {name} {count(pointed ? (pointed.values[index] ?? 0) : sumOf(rows, index))}
          </span>
        ))}
      </p>
      <svg
        width={width.value}
        height={HEIGHT}
        role="img"
        aria-label={words}
        onPointerLeave={() => (over.value = undefined)}
      >
        {marks.map((mark) => (
          <g key={mark} class="grid">
            <line x1={LEFT} x2={width.value} y1={y(mark)} y2={y(mark)} />
            <text x={LEFT - 8} y={y(mark) + 4} text-anchor="end">
              {compact(mark)}
            </text>
          </g>
        ))}
        {rows.map(({ date, values }, at) => {
          const x = LEFT + slot * at + (slot - thick) / 2
          let foot = 0
          return (
            <g key={date} class="bar" onPointerEnter={() => (over.value = at)}>
              <rect class="aim" x={LEFT + slot * at} y={TOP} width={slot} height={room} />
              {values.map((value, index) => {
                const from = foot
                foot += value
                return (
                  value > 0 && (
                    <rect
                      key={names[index]}
                      class={`part-${index}`}
                      x={x}
                      y={y(foot)}
                      width={thick}
                      height={Math.max(1, y(from) - y(foot))}
                      rx={Math.min(3, thick / 4)}
                    />
                  )
                )
              })}
              {(rows.length - 1 - at) % every === 0 && (
                <text
                  x={x + thick / 2}
                  y={HEIGHT - 5}
                  text-anchor={at === rows.length - 1 && slot < 40 ? 'end' : 'middle'}
                >
                  {day(date)}
                </text>
              )}
            </g>
          )
        })}
      </svg>
    </div>
  )
}

function sumOf(rows: readonly DayRow[], index: number): number {
  return rows.reduce((sum, { values }) => sum + (values[index] ?? 0), 0)
}
