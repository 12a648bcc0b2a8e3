import { ChatError, definePlugin } from 'byok'

export interface BudgetOptions {
  /** Tokens in and out together, each day in UTC. */
  tokensPerDay: number
  /** Unix milliseconds. Default: the system's clock. */
  now?: () => number
}

const DAY = 86_400_000

/** Refuses requests once the day's tokens are spent, and says when to come back. */
export function budget({ tokensPerDay, now = Date.now }: BudgetOptions) {
  let day = 0
  let spent = 0
  const turn = () => {
    const today = Math.floor(now() / DAY)
    if (today !== day) [day, spent] = [today, 0]
  }
  return definePlugin({
    name: 'budget',
    hooks: {
      request() {
        turn()
        if (spent < tokensPerDay) return
        throw new ChatError(`Today's ${tokensPerDay} tokens are spent. There are new ones at midnight UTC.`, {
          status: 429,
          type: 'insufficient_quota',
          code: 'budget_spent',
          retryAfter: ((day + 1) * DAY - now()) / 1000,
        })
      },
      response({ info }) {
        turn()
        spent += (info.usage?.input ?? 0) + (info.usage?.output ?? 0)
      },
    },
  })
}
