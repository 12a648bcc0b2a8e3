import ms from 'ms'
import { z } from 'zod'
import { readHash } from '../clients/key.ts'
import { Secret } from '../secrets/secret.ts'

/** What people call a field's type, where zod's own word for it would be wrong: for the reference and for errors. */
export const kinds = z.registry<{ kind: string }>()

/** `setTimeout` fires at once beyond this. */
const LONGEST_TIMER = 2 ** 31 - 1

/** Each kind of field is one schema, however many fields are of it: making one is dear. */
const once = <T>(make: () => T) => {
  let made: T | undefined
  return () => (made ??= make())
}

const time = (longest: number) =>
  z
    .union([z.number(), z.string()])
    .transform((value, context) => {
      const parsed = typeof value === 'number' ? value : parseTime(value)
      if (parsed === undefined || !(parsed >= 0)) {
        context.addIssue({ code: 'custom', message: 'expected milliseconds, or a time such as "30s" or "5m"' })
        return z.NEVER
      }
      if (parsed > longest) {
        context.addIssue({ code: 'custom', message: `must not be longer than ${ms(longest)}` })
        return z.NEVER
      }
      return Math.round(parsed)
    })
    .register(kinds, { kind: 'time' })

/** A span of time: milliseconds as a number, or text such as `500ms`, `30s`, `5m`. Parses to milliseconds. */
export const duration = once(() => time(LONGEST_TIMER))

/** As {@link duration}, for spans that no timer waits for. */
export const longDuration = once(() => time(ms('100y')))

function parseTime(text: string): number | undefined {
  // ms() throws for what is empty or very long.
  if (text.trim() === '' || text.length > 100) return undefined
  return /^\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : ms(text.trim() as ms.StringValue)
}

export const text = once(() => z.string().trim().min(1))

const secretText = once(() => text().regex(/^[\x21-\x7e]*$/, 'must be plain ASCII without spaces or line breaks'))

/** A key or token. What a header cannot carry is refused here rather than at the first request. */
export const secret = once(() =>
  secretText()
    .transform((value) => new Secret(value))
    .register(kinds, { kind: 'secret' }),
)

/** A client's key. Part of a hash is none: who knows a hash, which is no secret, could send it. */
export const clientKey = once(() =>
  secretText()
    .refine(
      (value) => !/^sha256:/i.test(value) || readHash(value) !== undefined,
      'expected the 64 hexadecimal digits of a hash behind `sha256:`',
    )
    .transform((value) => new Secret(value))
    .register(kinds, { kind: 'secret' }),
)

const url = once(() =>
  z
    .url({ protocol: /^https?$/, error: 'expected an http:// or https:// URL' })
    .refine((value) => !hasUserInfo(value), 'must not hold a user name or password; use `headers` or a key')
    .register(kinds, { kind: 'URL' }),
)

/** An endpoint byok adds paths to. Slashes at its end are dropped; behind a query or a fragment, a path would be none. */
export const baseUrl = once(() =>
  url()
    .refine((value) => !/[?#]/.test(value), 'must not hold `?` or `#`, for byok adds paths to it')
    .transform((value) => value.replace(/\/+$/, ''))
    .register(kinds, { kind: 'URL' }),
)

/** An endpoint called as it stands. */
export const exactUrl = url

/** A proxy for what byok sends. Secret as a whole, because it may hold a password. */
export const proxyUrl = once(() =>
  text()
    .refine(isProxy, 'expected an http://, https:// or socks5:// URL')
    .transform((value) => new Secret(value))
    .register(kinds, { kind: 'URL' }),
)

/** A Redis, as `redis://host:6379/0` or `rediss://…`. */
export const redisUrl = once(() =>
  text()
    .regex(/^rediss?:\/\/./, 'expected a redis:// or rediss:// URL')
    .register(kinds, { kind: 'URL' }),
)

/** A name in `Host`, with its port or without; `*` for all. */
export const hostName = once(() =>
  text().refine((value) => !value.includes('/'), 'expected a host without scheme and path, such as box.lan'),
)

/** What browsers send in `Origin`; `*` for all. */
export const origin = once(() =>
  text().refine(
    isOrigin,
    'expected an origin as browsers send it, such as https://app.example: with its scheme, in small letters, and nothing behind',
  ),
)

/** Names that HTTP allows, and values that cannot end the header. */
export const headers = once(() =>
  z.record(
    z.string().regex(/^[!#$%&'*+.^_`|~\w-]+$/, 'is not the name of a header'),
    z.string().regex(/^[\t\x20-\x7e\x80-\xff]*$/, 'must be text without line breaks'),
  ),
)

/** As {@link headers}, for values that may be keys. */
export const secretHeaders = once(() =>
  z.record(
    z.string().regex(/^[!#$%&'*+.^_`|~\w-]+$/, 'is not the name of a header'),
    z
      .string()
      .regex(/^[\t\x20-\x7e\x80-\xff]*$/, 'must be text without line breaks')
      .transform((value) => new Secret(value))
      .register(kinds, { kind: 'secret' }),
  ),
)

/** A day, or a moment with its zone. Parses to Unix milliseconds; a day alone ends with its last moment in UTC. */
export const date = once(() =>
  z
    .string()
    .transform((value, context) => {
      const time = parseDate(value.trim())
      if (time !== undefined) return time
      context.addIssue({ code: 'custom', message: 'expected a date such as 2027-01-31 or 2027-01-31T12:00:00Z' })
      return z.NEVER
    })
    .register(kinds, { kind: 'date' }),
)

/** `undefined` for what is no date. */
export function parseDate(text: string): number | undefined {
  const day = /^\d{4}-\d\d-\d\d$/.test(text)
  if (!day && !/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(text)) return undefined
  const time = Date.parse(day ? `${text}T23:59:59.999Z` : text)
  // JavaScript reads 31 February as 3 March.
  if (Number.isNaN(time) || (day && new Date(time).toISOString().slice(0, 10) !== text)) return undefined
  return time
}

export const port = once(() => z.number().int().min(0).max(65_535))

/** A name or an address; an IPv6 one may stand in brackets. */
export const host = once(() =>
  text().refine(
    (value) => !/\/|^[^:]*:\d+$|\]:/.test(value),
    'expected a host without scheme and port, such as 127.0.0.1',
  ),
)

export const bytes = once(() => z.number().int().positive())

function hasUserInfo(value: string): boolean {
  if (!URL.canParse(value)) return false
  const { username, password } = new URL(value)
  return username !== '' || password !== ''
}

function isOrigin(value: string): boolean {
  if (value === '*' || value === 'null') return true
  if (/^https?:/i.test(value)) return URL.canParse(value) && new URL(value).origin === value
  return /^[a-z][a-z0-9+.-]*:\/\/[^/\s]+$/.test(value)
}

function isProxy(value: string): boolean {
  if (!URL.canParse(value)) return false
  const { protocol, hostname } = new URL(value)
  return ['http:', 'https:', 'socks5:', 'socks5h:', 'socks:'].includes(protocol) && hostname !== ''
}
