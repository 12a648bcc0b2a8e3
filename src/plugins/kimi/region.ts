import { z } from 'zod'

/**
 * Kimi's two sites, whose accounts and keys are their own: where each signs in, and where its coding plan is asked.
 *
 * Source: MoonshotAI/kimi-code, packages/oauth/src/region.ts, `KIMI_REGION_PROFILES`; the client is the same at both. Of `mainland-cn`,
 * also AprilNEA/BYOKEY, crates/provider/src/executor/kimi.rs, and router-for-me/CLIProxyAPI, internal/auth/kimi.
 */
export const REGIONS = {
  'mainland-cn': { auth: 'https://auth.kimi.com', api: 'https://api.kimi.com/coding/v1' },
  global: { auth: 'https://auth.kimi.ai', api: 'https://api.kimi.ai/coding/v1' },
}

export type KimiRegion = keyof typeof REGIONS

/** The config key that says whose accounts and keys are meant. */
export const kimiSettings = z.object({
  region: z
    .enum(['mainland-cn', 'global'])
    .default('mainland-cn')
    .describe('The site to sign in at, and that of keys: `mainland-cn` for kimi.com, `global` for kimi.ai.'),
})

/** The region that config names. */
export function regionOf({ region }: Readonly<Record<string, unknown>>): KimiRegion {
  return kimiSettings.parse({ region }).region
}

/** The region that a login was made in; one of kimi.com does not say. */
export function regionOfLogin({ region }: Readonly<Record<string, string>>): KimiRegion {
  return region === 'global' ? region : 'mainland-cn'
}
