/** How a provider is signed in to: one entry of a plugin's `auth`. */
export type AuthMethod = ApiKeyMethod | OAuthMethod

/** A key the person has. */
export interface ApiKeyMethod {
  kind: 'api_key'
  /** What `byok status` and the banner call it. */
  label: string
  /** The environment variables the vendor's own SDK reads it from; the first that is set wins. */
  env: string[]
}

/** A login, whose tokens are in the token store. */
export interface OAuthMethod {
  kind: 'oauth'
  /** Such as `ChatGPT login`. */
  label: string
}

/** A provider signed in to with a key from config or from one of these environment variables. */
export function apiKey({ label = 'API key', env = [] }: Partial<Omit<ApiKeyMethod, 'kind'>> = {}): ApiKeyMethod {
  return { kind: 'api_key', label, env }
}
