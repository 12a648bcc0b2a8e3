import { isIP } from 'node:net'
import type { Driver } from 'unstorage'
import { bareHost } from '../address.ts'
import type { Logger } from '../log/log.ts'
import { StoreError } from '../store/errors.ts'
import { needPackage } from '../store/need-package.ts'

/** Before every key, so that byok can share a Redis with others. */
const BASE = 'byok'
/** What is cached is not worth waiting for. Milliseconds. */
const COMMAND_TIMEOUT = 2000

/** How ioredis is told where to connect. */
export interface RedisAddress {
  host: string
  port: number
  username?: string
  password?: string
  db?: number
  tls?: { servername?: string }
}

export interface RedisDriverOptions {
  env: Record<string, string | undefined>
  logger: Logger
}

/**
 * Redis, through unstorage and the optional package `ioredis`. Connects when it is first used, and anew after a fault; while
 * there is no connection, every call fails fast.
 *
 * @throws {StoreError} where the address is none, holds a password, or the package is missing.
 */
export async function redisDriver(url: string, { env, logger }: RedisDriverOptions): Promise<Driver> {
  const address = redisAddress(url, env['REDIS_PASSWORD'])
  await needPackage('ioredis', 'A cache in Redis')
  const { default: makeDriver } = await import('unstorage/drivers/redis')
  // unstorage's types of single drivers do not resolve under NodeNext.
  const driver = makeDriver({
    ...address,
    base: BASE,
    // Redis looks at so many keys at a time.
    scanCount: 1000,
    connectTimeout: COMMAND_TIMEOUT,
    commandTimeout: COMMAND_TIMEOUT,
    maxRetriesPerRequest: 1,
  }) as Driver
  let failing = false
  const client: unknown = driver.getInstance?.()
  if (isEmitter(client)) {
    // Nobody listening, ioredis writes to the console by itself.
    client.on('error', (error) => {
      if (!failing) logger.warn('Redis cannot be reached; byok goes on without its cache', { fault: error.message })
      failing = true
    })
    client.on('ready', () => (failing = false))
  }
  return driver
}

/** @throws {StoreError} */
export function redisAddress(text: string, password: string | undefined): RedisAddress {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const database = url && /^\/?(\d*)$/.exec(url.pathname)?.[1]
  if (!url || !/^rediss?:$/.test(url.protocol) || url.hostname === '' || database === undefined) {
    throw new StoreError(
      'bad_location',
      '`cache` is not an address of Redis, such as redis://localhost:6379/0 (rediss:// for TLS).',
    )
  }
  if (url.password !== '' || url.searchParams.has('password')) {
    throw new StoreError(
      'bad_location',
      'Take the password out of `cache` and set REDIS_PASSWORD in the environment instead.',
    )
  }
  const host = bareHost(url.hostname)
  return {
    host,
    port: Number(url.port || 6379),
    ...(url.username !== '' && { username: decodeURIComponent(url.username) }),
    ...(password && { password }),
    ...(database !== '' && { db: Number(database) }),
    ...(url.protocol === 'rediss:' && { tls: isIP(host) ? {} : { servername: host } }),
  }
}

interface Emitter {
  on(event: 'error' | 'ready', listener: (error: Error) => void): unknown
}

function isEmitter(value: unknown): value is Emitter {
  return typeof value === 'object' && value !== null && 'on' in value && typeof value.on === 'function'
}
