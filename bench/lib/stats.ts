export const sorted = (values: readonly number[]) => [...values].sort((a, b) => a - b)

/** The value below which a share `q` (0 to 1) of the values lies. */
export function quantile(values: readonly number[], q: number): number {
  const all = sorted(values)
  return all[Math.min(all.length - 1, Math.floor(q * all.length))] ?? NaN
}

export const median = (values: readonly number[]) => quantile(values, 0.5)

/** `median (lowest to highest)`. */
export function spread(values: readonly number[], digits = 0): string {
  const show = (value: number) =>
    value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })
  return `${show(median(values))} (${show(Math.min(...values))} to ${show(Math.max(...values))})`
}
