import { z } from 'zod'
import { baseUrl, exactUrl, headers, port, proxyUrl, secret, text } from './fields.ts'

/*
 * What stands under `providers.NAME`: a part of the config's schema, with its defaults and the sentences that document it.
 */

const modelSchema = z.union([
  text().transform((id) => ({ id })),
  z.strictObject({
    id: text().describe("The provider's own id of the model."),
    aliases: z.array(text()).optional().describe('Other names a client may use.'),
    context_window: z.number().int().positive().optional().describe('Tokens of input and output together.'),
    max_output_tokens: z.number().int().positive().optional().describe('The most tokens of one answer.'),
  }),
])

const apiKeySchema = z.union([
  secret().transform((key) => ({ key, weight: 1, priority: 0 })),
  z.strictObject({
    key: secret().describe('The key.'),
    label: text().optional().describe('Its name in logs and status.'),
    weight: z.number().positive().default(1).describe('Its share of the requests, where keys take turns.'),
    priority: z.number().int().default(0).describe('Keys with a higher one are used first.'),
    base_url: baseUrl().optional().describe("This key's own endpoint."),
    proxy: proxyUrl().optional().describe("This key's own proxy."),
  }),
])

/** What keys without a label are called. */
const UNLABELLED = /^api_key(s\[\d+\])?$/

const apiKeysSchema = z
  .array(apiKeySchema)
  .min(1)
  .superRefine((keys, context) => {
    const seen = new Set<string>()
    for (const [index, entry] of keys.entries()) {
      if (!('label' in entry) || entry.label === undefined) continue
      if (seen.has(entry.label)) {
        context.addIssue({ code: 'custom', path: [index, 'label'], message: 'another key has this label already' })
      }
      // Two keys of one name would share their rests and their usage.
      if (UNLABELLED.test(entry.label)) {
        const message = 'is what byok calls a key without a label: take another'
        context.addIssue({ code: 'custom', path: [index, 'label'], message })
      }
      seen.add(entry.label)
    }
  })

const scopesSchema = z.union([
  z.string().transform((value) => value.split(/\s+/).filter((scope) => scope !== '')),
  z.array(text()),
])

const oauthSchema = z.strictObject({
  client_id: text().optional().describe('The client byok signs in as.'),
  client_secret: secret().optional().describe("The client's secret, where the provider wants one."),
  auth_url: exactUrl().optional().describe('Where the browser is sent.'),
  token_url: exactUrl().optional().describe('Where tokens are fetched and refreshed.'),
  device_url: exactUrl().optional().describe('Where a device code is asked for.'),
  userinfo_url: exactUrl().optional().describe('Where the account is looked up.'),
  register_url: exactUrl().optional().describe('Where a client is registered first, as Kiro has it.'),
  exchange_url: exactUrl()
    .optional()
    .describe('Where the login is exchanged for what requests carry, as Copilot has it.'),
  callback_port: port()
    .optional()
    .describe('The port the browser comes back to; 0 takes a free one. Most providers allow only their own.'),
  scopes: scopesSchema.optional().describe('What is asked for: a list, or text with spaces between.'),
})

/** What every provider can be given. A plugin's own keys stand beside these. */
export const providerShape = {
  enabled: z.boolean().default(true).describe('Whether the provider is offered at all.'),
  api_key: secret().optional().describe('One API key. It takes precedence over a login.'),
  api_keys: apiKeysSchema
    .optional()
    .describe('Several keys, used in this order where `priority` does not say otherwise.'),
  logins: z
    .record(
      z.string(),
      z.strictObject({
        weight: z.number().positive().default(1).describe('Its share of the requests, where accounts take turns.'),
        priority: z.number().int().default(0).describe('Accounts with a higher one are used first.'),
        proxy: proxyUrl().optional().describe("This login's own proxy, for its refreshes too."),
      }),
    )
    .optional(),
  base_url: baseUrl().optional().describe("The API's endpoint for keys, as the vendor's own SDK takes it."),
  oauth_base_url: baseUrl()
    .optional()
    .describe(
      "The endpoint for requests signed with a login, for which `base_url` does not count. Default: the vendor's.",
    ),
  models: z
    .array(modelSchema)
    .default([])
    .describe('Models to offer besides the built-in ones. Who asks for one by its name alone is led here first.'),
  headers: headers().default({}).describe('Headers to add to every request to the provider.'),
  proxy: proxyUrl().optional().describe('An http, https or socks5 proxy for the requests to the provider.'),
  oauth: oauthSchema.optional().describe("Over the plugin's own facts for the login."),
}

const compatible = z.literal('openai-compatible')

const extensions = z
  .array(z.enum(['cache_control', 'top_k', 'file_url', 'tool_media', 'video_url']))
  .optional()
  .describe(
    "Of `openai-compatible`: fields beyond OpenAI's that its endpoint takes. Default: those of OpenRouter there, else none, for many refuse what they do not know.",
  )

/** A provider whose plugin has no keys of its own, or that has none. */
export const providerSchema = z.strictObject({
  type: compatible.optional().describe('Makes a provider of a name no plugin has, at `base_url`.'),
  extensions,
  ...providerShape,
})

/** What a provider that no plugin offers must say: any endpoint that speaks OpenAI's Chat Completions. */
export const compatibleShape = {
  type: compatible,
  extensions,
  base_url: baseUrl().describe('Its endpoint, up to `/v1`.'),
}
