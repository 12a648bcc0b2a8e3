/* undici's own types are of its index alone. */

declare module 'undici/lib/dispatcher/agent.js' {
  export { Agent as default } from 'undici/index.js'
}
declare module 'undici/lib/core/errors.js' {
  export { errors as default } from 'undici/index.js'
}
