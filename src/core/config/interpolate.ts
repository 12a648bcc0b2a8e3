import type { Env } from './env.ts'

/** `$${` is a literal `${`. */
const REFERENCE = /\$\$\{|\$\{([^}]*)\}|\$\{/g
const NAME = /^([A-Za-z_]\w*)(?::-(.*))?$/s

/**
 * Replaces `${NAME}` and `${NAME:-default}` by the environment's values. As in a shell, the default is taken for an empty
 * variable too.
 */
export function interpolate(text: string, env: Env): { text: string; replaced: boolean } | { fault: string } {
  let replaced = false
  let fault: string | undefined
  const result = text.replace(REFERENCE, (match, inner: string | undefined) => {
    if (match === '$${') return '${'
    const [, name, fallback] = (inner === undefined ? null : NAME.exec(inner)) ?? []
    if (name === undefined) {
      fault ??= 'holds a `${` that is neither `${NAME}` nor `${NAME:-default}`. Write `$${` for a literal one'
      return ''
    }
    replaced = true
    const value = env[name]
    if (value !== undefined && (value !== '' || fallback === undefined)) return value
    if (fallback !== undefined) return fallback
    fault ??= `the environment variable ${name} is not set. Set it, or write \${${name}:-default}`
    return ''
  })
  return fault === undefined ? { text: result, replaced } : { fault }
}
