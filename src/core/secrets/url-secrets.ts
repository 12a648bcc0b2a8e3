/** What names of secrets have in them. */
export const SECRET_NAME = /key|token|secret|password|authorization|cookie|credential/i

/** Such a parameter of a URL, and its value with whatever it has in it unencoded. */
const SECRET_PARAMETER = new RegExp(`([?&][^=&?#]*(?:${SECRET_NAME.source})[^=&?#]*=).*?(?=&[\\w.-]+=|$)`, 'gis')

/**
 * A URL without its password and its parameters of secret names; any other text as it is. Passwords are often written with `/`, `?`,
 * `#` or `@` unencoded, which `URL` takes for their end or does not take at all, so that the password is all up to the last `@`.
 */
export function withoutUrlSecrets(text: string): string {
  const [, scheme, rest] = /^([a-z][a-z0-9+.-]*:\/\/)(.*)$/is.exec(text) ?? []
  if (scheme === undefined || rest === undefined) return text
  const at = rest.lastIndexOf('@')
  const colon = rest.indexOf(':')
  if (colon < 0 || colon > at) return scheme + withoutParameters(rest)
  // An `@` in a parameter's value is the last one too: what follows it is of that value.
  const open = withoutParameters(rest.slice(0, at)) === rest.slice(0, at)
  return scheme + withoutParameters(`${rest.slice(0, colon)}:[secret]@${open ? rest.slice(at + 1) : '[secret]'}`)
}

function withoutParameters(text: string): string {
  return text.replace(SECRET_PARAMETER, '$1[secret]')
}
