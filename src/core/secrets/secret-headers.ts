import { Secret } from './secret.ts'
import { SECRET_NAME } from './url-secrets.ts'

/** Names that gateways have for what signs a request besides, such as Helicone's `helicone-auth`. */
const AUTH = /\bauth\b/i

/**
 * What signs requests among the headers that config adds to them (a gateway's token, Azure's `api-key`): from now on it is found in
 * what others say.
 */
export function secretsIn(headers: Readonly<Record<string, string>>): Secret[] {
  return Object.entries(headers).flatMap(([name, value]) =>
    SECRET_NAME.test(name) || AUTH.test(name) ? [new Secret(value.replace(/^(?:Bearer|Basic)\s+/i, ''))] : [],
  )
}
