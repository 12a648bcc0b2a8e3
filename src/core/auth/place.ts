import type { AccountRecord } from '../store/index.ts'
import type { Login } from './context.ts'
import type { OAuthMethod } from './method.ts'
import { stateOf } from './state.ts'

/** Where a new login belongs among a provider's. */
export interface Place {
  /** The name to keep it under. */
  account: string
  /** The login that is there, which it replaces. */
  replaces?: AccountRecord
  /** A login whose name it would have had: it is known to be another account, or not known to be the same. */
  beside?: { record: AccountRecord; known: boolean }
}

/**
 * The place of a login under the name its provider gave: that of the login of the same account, whatever its name; else a free
 * one. A name alone does not say that two are one account: that they are must be known, lest a login that works is lost.
 */
export function placeOf(method: OAuthMethod, login: Login, there: readonly AccountRecord[]): Place {
  const own = identityOf(method, login)
  const named = there.find(({ account }) => account === login.account)
  const isSame = (record: AccountRecord) => own !== undefined && identityOf(method, record) === own
  const same = named && isSame(named) ? named : there.find(isSame)
  if (same) return { account: same.account, replaces: same }
  if (!named) return { account: login.account }
  // A provider that tells who it is gives a name that is no other's; a login of that name came from before it was told.
  const tells = identityOf(method, named) !== undefined
  if (own !== undefined && !tells) return { account: named.account, replaces: named }
  return free(method, login.account, there, { record: named, known: own !== undefined && tells })
}

/** The first name that nobody has, or whose login is lost already and may well be this one's. */
function free(
  method: OAuthMethod,
  name: string,
  there: readonly AccountRecord[],
  beside: NonNullable<Place['beside']>,
): Place {
  for (let count = 1; ; count++) {
    const account = count === 1 ? name : `${name}-${count}`
    const record = there.find((one) => one.account === account)
    if (!record) return { account, beside }
    const lost = stateOf(method, record).state === 'needs_login'
    if (lost && !beside.known && identityOf(method, record) === undefined) return { account, replaces: record }
  }
}

function identityOf(method: OAuthMethod, login: Login): string | undefined {
  if (!method.identity) return login.account
  return method.identity({ ...login, metadata: login.metadata ?? {} })
}

/** What became of a login that was there, in a sentence; `undefined` where none was. */
export function wordsOn(place: Place, { name, title }: { name: string; title: string }): string | undefined {
  const { account, replaces, beside } = place
  if (replaces) return `This login replaces the one that byok had as ${account}.`
  if (!beside) return undefined
  const other = beside.record.account
  if (beside.known) return `This is another account than ${other}; both are kept, this one as ${account}.`
  return (
    `${title} does not say whether this is the account of ${other}; both are kept, this one as ${account}. ` +
    `To replace a login, name it: \`byok login ${name} --account ${other}\`.`
  )
}
