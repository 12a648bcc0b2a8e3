/**
 * Has `instanceof` know a class by whichever copy of byok made the object. A plugin that is linked, or that stands in a project beside a
 * byok that is installed elsewhere, imports a copy of its own, and what it throws is of that copy's classes. Classes that extend this
 * one are told apart as ever.
 *
 * @param name what the class goes by in all copies: its own may be shortened by a bundler.
 */
export function ofAnyCopy(own: { readonly prototype: object }, name: string): void {
  const mark = Symbol.for(`byok.${name}`)
  Object.defineProperty(own.prototype, mark, { value: true })
  Object.defineProperty(own, Symbol.hasInstance, {
    value(this: unknown, value: unknown): boolean {
      if (this !== own) return isOwn(this, value)
      return typeof value === 'object' && value !== null && mark in value
    },
  })
}

/** What `instanceof` says by itself. */
export function isOwn(own: unknown, value: unknown): boolean {
  return Reflect.apply<unknown, [unknown], boolean>(Function.prototype[Symbol.hasInstance], own, [value])
}
