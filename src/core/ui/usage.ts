import { dayOf } from '../usage/day.ts'
import type { UsageDatabase, UsageSum } from '../usage/database.ts'
import type { UsageSumView, UsageView } from './types.ts'

/** What was used in so many days, today among them. */
export async function usageOf(
  database: UsageDatabase | undefined,
  recorded: boolean,
  count: number,
): Promise<UsageView> {
  const first = new Date()
  first.setHours(0, 0, 0, 0)
  first.setDate(first.getDate() - count + 1)
  const since = first.getTime()
  const days: string[] = []
  // By the calendar, because days of a change of clocks are longer or shorter.
  for (const day = new Date(first); days.length < count; day.setDate(day.getDate() + 1)) days.push(dayOf(day.getTime()))
  const sums = async (by: 'day' | 'model' | 'provider') => ((await database?.sums(since, by)) ?? []).map(viewOf)
  const total = await database?.total(since)
  return {
    recorded: recorded && database !== undefined,
    days,
    byDay: await sums('day'),
    byModel: await sums('model'),
    byProvider: await sums('provider'),
    total: total ? viewOf(total) : NOTHING,
  }
}

const NOTHING: UsageSumView = {
  key: null,
  requests: 0,
  errors: 0,
  estimated: 0,
  input: 0,
  output: 0,
  cachedInput: 0,
  firstByteMs: null,
}

function viewOf({ key, requests, errors, estimated, input, output, cachedInput, firstByteMs }: UsageSum): UsageSumView {
  return { key, requests, errors, estimated, input, output, cachedInput, firstByteMs }
}
