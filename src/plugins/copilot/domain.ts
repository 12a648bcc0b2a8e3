import { z } from 'zod'

/*
 * Where a company has a GitHub of its own (Enterprise Cloud with data residency), at a name below ghe.com, its Copilot is there too.
 *
 * Sources: anomalyco/opencode, packages/opencode/src/plugin/github-copilot/copilot.ts (`getUrls`, `copilot-api`); openclaw/openclaw,
 * extensions/github-copilot/token.ts (the exchange, and that its answer may name no host).
 */

/** The config key that says where to sign in, and where keys belong. */
export const copilotSettings = z.object({
  domain: z
    .string()
    .regex(/^[a-z\d-]+\.ghe\.com$/, 'is not the name of a GitHub of a company, such as acme.ghe.com')
    .optional()
    .describe("A company's own GitHub, such as `acme.ghe.com`, to sign in at; that of keys, too. Default: github.com."),
})

/** The domain that config names; `undefined` for github.com. */
export function domainOf({ domain }: Readonly<Record<string, unknown>>): string | undefined {
  return copilotSettings.parse({ domain }).domain
}

/** Where logins of a domain are made and exchanged, as config's `oauth` names it. */
export function loginUrls(domain = 'github.com') {
  return {
    device_url: `https://${domain}/login/device/code`,
    token_url: `https://${domain}/login/oauth/access_token`,
    exchange_url: `https://api.${domain}/copilot_internal/v2/token`,
    userinfo_url: `https://api.${domain}/user`,
  }
}

/**
 * Copilot's API where no token names it. Source of that for github.com: AprilNEA/BYOKEY, crates/provider/src/executor/copilot.rs.
 */
export function apiOf(domain: string | undefined): string {
  return domain === undefined ? 'https://api.githubcopilot.com' : `https://copilot-api.${domain}`
}

/** A user's name, which is only good within a domain. */
export function nameAt(login: string, domain: string | undefined): string {
  return domain === undefined ? login : `${login}@${domain}`
}
