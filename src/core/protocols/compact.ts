/** The object without its `undefined` fields; itself where it has none. To `delete` them would make it slow for good. */
export function compact<T extends object>(object: T): T {
  for (const key in object) if (object[key] === undefined) return withoutUndefined(object)
  return object
}

function withoutUndefined<T extends object>(object: T): T {
  const compacted: Partial<T> = {}
  for (const key in object) if (object[key] !== undefined) compacted[key] = object[key]
  // Fields that may be left out are the only ones that can be undefined.
  return compacted as T
}
