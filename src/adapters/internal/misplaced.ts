import { isObject } from '../../core/json/json.ts'

/** Paths that clients ask byok for, with something before them. */
const BELOW = /^\/.+?(?=\/v1(?:alpha|beta)?\/(?:chat\/completions|messages|models|responses)(?:\/|$))/

/** Why byok cannot find its paths below `use` with a wildcard, as NestJS' `forRoutes('ai/*splat')` has it, which cuts off all there is. */
export function cutWhole(mount: string): Error | undefined {
  const [base] = BELOW.exec(mount) ?? []
  return base === undefined ? undefined : new Error(words(mount, 'all', base))
}

/** The same of a route of Express, such as `app.all('/ai/*splat', …)`, which cuts off nothing, so that byok hands on what is its own. */
export function cutNothing(path: string, route: unknown): string | undefined {
  const [base] = BELOW.exec(path) ?? []
  // A route that begins with a wildcard is at the root.
  return base !== undefined && hasLiteralStart(route) ? words(path, 'nothing', base) : undefined
}

function words(asked: string, cut: string, base: string): string {
  return `byok's middleware was asked for ${asked}, of which this server cut off ${cut}: mount it by app.use('${base}', middleware(byok)), or say where it is by middleware(byok, { prefix: '${base}' })`
}

function hasLiteralStart(route: unknown): boolean {
  return isObject(route) && typeof route['path'] === 'string' && /^\/?[^/*{(:]/.test(route['path'])
}
