import type { UsageSumView } from '../../../core/ui/types.ts'

export type MeasureName = 'tokens' | 'requests' | 'errors'

interface Part {
  title: string
  of: (sum: UsageSumView) => number
}

/** What a chart may draw: one figure, or parts that are stacked. The first stands at the foot. */
export const measures: { name: MeasureName; title: string; parts: Part[] }[] = [
  {
    name: 'tokens',
    title: 'Tokens',
    parts: [
      { title: 'In', of: ({ input }) => input },
      { title: 'Out', of: ({ output }) => output },
    ],
  },
  { name: 'requests', title: 'Requests', parts: [{ title: 'Requests', of: ({ requests }) => requests }] },
  { name: 'errors', title: 'Failures', parts: [{ title: 'Failures', of: ({ errors }) => errors }] },
]

/** The next round figure that an axis may end at: 1, 2 or 5 times a power of ten. */
export function axisEnd(most: number): number {
  if (most <= 0) return 1
  const power = 10 ** Math.floor(Math.log10(most))
  const step = [1, 2, 5, 10].find((times) => times * power >= most) ?? 10
  return Math.max(1, step * power)
}
