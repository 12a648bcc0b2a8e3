import { z } from 'zod'
import type { Secret } from '../secrets/secret.ts'
import {
  baseUrl,
  bytes,
  clientKey,
  date,
  duration,
  host,
  hostName,
  longDuration,
  origin,
  port,
  redisUrl,
  secret,
  secretHeaders,
  text,
} from './fields.ts'
import { providerSchema } from './provider-shape.ts'

/*
 * The schema of byok's config: every key, its type, its default, and the sentence that documents it.
 *
 * Defaults live here and nowhere else. Objects are strict: an unknown key is an error, never a silent default.
 */

const clientKeysSchema = z
  .array(
    z.union([
      clientKey().transform((key) => ({ key })),
      z.strictObject({
        key: clientKey().describe('The key, or `sha256:` and the hexadecimal hash of it.'),
        label: text().optional().describe('Its name in usage and logs. Default: its place, such as `keys[0]`.'),
        budget: z
          .strictObject({
            tokens_per_day: z.number().int().min(0).optional().describe('Tokens in and out together, until midnight.'),
            requests_per_day: z.number().int().min(0).optional().describe('Requests, until midnight.'),
          })
          .optional(),
        models: z
          .array(text())
          .min(1)
          .optional()
          .describe('The models it is for; `*` stands for any text. Default: all.'),
        expires_at: date()
          .optional()
          .describe('When it ceases to work, such as `2027-01-31` or `2027-01-31T12:00:00Z`.'),
        admin: z
          .boolean()
          .optional()
          .describe(
            'Whether it may administer byok: `/ui` with config, logins and keys, `/metrics`, `/health?verbose`. Default: no.',
          ),
      }),
    ]),
  )
  .transform((keys: NamedKey[]) => keys.map((entry, index) => ({ ...entry, label: entry.label ?? `keys[${index}]` })))
  .superRefine((keys, context) => {
    for (const [index, { label }] of keys.entries()) {
      if (keys.findIndex((other) => other.label === label) === index) continue
      context.addIssue({ code: 'custom', path: [index, 'label'], message: 'another key has this label already' })
    }
  })

/** A key of a client's, and what it may be used for. */
interface NamedKey {
  key: Secret
  label?: string | undefined
  budget?: { tokens_per_day?: number | undefined; requests_per_day?: number | undefined } | undefined
  models?: string[] | undefined
  expires_at?: number | undefined
  admin?: boolean | undefined
}

const tlsSchema = z.union([
  z.boolean(),
  z.strictObject({
    cert: text().describe('The file of the certificate, with those between it and its root (PEM).'),
    key: text().describe('The file of its private key (PEM).'),
    passphrase: secret().optional().describe('What the private key is encrypted with.'),
  }),
])

const target = text().regex(/^[^/]+\/./, 'expected `provider/model`')

const routingSchema = z
  .strictObject({
    strategy: text()
      .default('priority')
      .describe('Which account comes first: `priority`, `round-robin`, `least-busy`, or one that a plugin adds.'),
    max_attempts: z
      .number()
      .int()
      .min(1)
      .max(100)
      .default(6)
      .describe('The most accounts tried for one request, not counting those that are spent.'),
    timeout: duration()
      .refine((timeout) => timeout > 0, 'must be longer than 0')
      .default(600_000)
      .describe('Until the first byte of an answer, all attempts together; one gets half of what is left.'),
    min_cooldown: duration()
      .default(10_000)
      .describe('First rest of an account that failed, where the provider names no time; doubles each time.'),
    max_cooldown: duration().default(1_800_000).describe('The longest such rest. A time the provider names is kept.'),
    sticky: z
      .boolean()
      .default(true)
      .describe('Whether a conversation stays with its account, for the sake of its prompt cache.'),
  })
  .refine(({ min_cooldown, max_cooldown }) => min_cooldown <= max_cooldown, {
    path: ['max_cooldown'],
    error: 'must not be shorter than min_cooldown',
  })

export const configSchema = z.strictObject({
  port: port().default(8018).describe('The port `byok serve` listens on; 0 takes a free one.'),
  host: host().default('127.0.0.1').describe('The address `byok serve` listens on.'),
  db: text()
    .default('~/.byok/tokens.db')
    .describe('Where logins are: a file, or `postgres://…` or `libsql://…` that several byoks share.'),
  cache: redisUrl()
    .optional()
    .describe('A Redis, as `redis://HOST:6379`, that several byoks share: see docs/scaling.md.'),
  plugins: z.array(text()).default([]).describe('npm packages, or paths, of plugins to load.'),
  ui: z.boolean().default(true).describe('Whether there is a page to look at byok and to change it, at `/ui`.'),
  server: z
    .strictObject({
      keys: clientKeysSchema.default([]).describe('Keys a client must send. Needed to listen beyond loopback.'),
      allowed_hosts: z.array(hostName()).default([]).describe('Names in `Host` to accept besides localhost.'),
      allowed_origins: z.array(origin()).default([]).describe('Web origins to accept besides those on localhost.'),
      max_body_bytes: bytes()
        .default(64 * 1024 * 1024)
        .describe('The largest request body.'),
      max_streams: z
        .number()
        .int()
        .min(1)
        .default(512)
        .describe('Requests of one client key that may be under way at once.'),
      request_timeout: duration()
        .default(120_000)
        .describe("For a client's request to arrive whole, its body included; 0 for no limit."),
      tls: tlsSchema
        .optional()
        .describe('Serve https: `true` with a certificate made at each start, or with your own.'),
      keep_alive: duration()
        .default(15_000)
        .describe(
          "Silence after which a stream gets a keep-alive comment, from the provider's headers on: until then a failure is still an HTTP error, which clients try again.",
        ),
      workers: z
        .union([z.literal('auto'), z.number().int().min(1).max(256)])
        .default(1)
        .describe('Processes that `byok serve` spreads its work over; `auto` for one a core.'),
      shutdown_timeout: duration()
        .default(10_000)
        .describe('How long running streams and background responses may go on after SIGTERM.'),
    })
    .prefault({}),
  upstream: z
    .strictObject({
      connect_timeout: duration().default(10_000).describe('To open a connection to a provider.'),
      response_timeout: duration().default(600_000).describe("Until a provider's response headers arrive."),
      idle_timeout: duration().default(300_000).describe('Between two chunks of an answer.'),
      retries: z
        .number()
        .int()
        .min(0)
        .max(10)
        .default(2)
        .describe('Further tries after 408, 429, 5xx or no connection, where no other account can serve.'),
      retry_delay: duration().default(500).describe('Before the first further try; doubles each time.'),
      max_retry_delay: duration()
        .default(20_000)
        .describe('The longest wait; a longer Retry-After goes to the client.'),
      max_answer_bytes: bytes()
        .default(64 * 1024 * 1024)
        .describe('The largest unstreamed answer.'),
    })
    .prefault({}),
  models: z
    .record(
      text(),
      z.union([
        target.transform((value) => [value]),
        z.array(target, { error: 'expected `provider/model`, or a list of them' }).min(1),
      ]),
    )
    .default({})
    .describe('Names of your own: each is a `provider/model`, or a list of them in the order they are tried.'),
  routing: routingSchema.prefault({}),
  amp: z
    .strictObject({
      upstream_url: baseUrl()
        .default('https://ampcode.com')
        .describe('Where what Amp asks for and byok does not serve itself is sent on to.'),
      api_key: secret().optional().describe("Amp's own key. Without it, what the client signs with is sent on."),
    })
    .prefault({}),
  responses: z
    .strictObject({
      max_bytes: bytes()
        .default(256 * 1024 * 1024)
        .describe(
          'Memory for the responses of `/v1/responses` that are kept, and as much for what its WebSockets go on from; the longest unused go first.',
        ),
      lifetime: longDuration().default(86_400_000).describe('How long such a response is kept.'),
    })
    .prefault({}),
  usage: z
    .strictObject({
      enabled: z.boolean().default(true).describe('Whether each request is recorded: time, model, tokens; no content.'),
      retention: longDuration().default(7_776_000_000).describe('How long records are kept.'),
    })
    .prefault({}),
  metrics: z
    .strictObject({
      enabled: z.boolean().default(false).describe('Whether `GET /metrics` tells figures to Prometheus.'),
    })
    .prefault({}),
  telemetry: z
    .strictObject({
      enabled: z
        .boolean()
        .default(false)
        .describe('Whether traces and metrics are sent by OpenTelemetry; its packages must be installed.'),
      endpoint: baseUrl()
        .default('http://localhost:4318')
        .describe('The collector, for OTLP over HTTP: `/v1/traces` and `/v1/metrics` are added.'),
      headers: secretHeaders().default({}).describe('Headers for the collector, such as its key.'),
      service_name: text().default('byok').describe('What byok is called in traces.'),
      sample: z.number().min(0).max(1).default(1).describe('The share of requests that are traced.'),
      interval: duration().default(30_000).describe('Between two exports of metrics.'),
    })
    .prefault({}),
  log: z
    .strictObject({
      level: z.enum(['silent', 'error', 'warn', 'info', 'debug']).default('info').describe('The least that is logged.'),
      format: z.enum(['auto', 'pretty', 'json']).default('auto').describe('`auto`: pretty on a terminal, else JSON.'),
      file: text().optional().describe('A file that gets every line as JSON too, for `byok logs -f`.'),
    })
    .prefault({}),
  providers: z.record(z.string(), providerSchema).default({}).describe('Settings of each provider, by its name.'),
})

/** Config as written: in YAML, and as the options of `createByok`. */
export type ConfigInput = z.input<typeof configSchema>
/** Config with every default filled in. Keys are {@link Secret}s. */
export type Config = z.output<typeof configSchema>
/** One provider's settings, with defaults. A plugin's own keys stand beside them. */
export type ProviderConfig = z.output<typeof providerSchema> & { [key: string]: unknown }
