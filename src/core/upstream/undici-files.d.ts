/* undici's own types are of its index alone. */

declare module 'undici/lib/dispatcher/agent.js' {
  export { Agent as default } from 'undici/index.js'
}
