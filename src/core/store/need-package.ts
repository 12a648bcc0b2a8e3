import { StoreError } from './errors.ts'

/**
 * @param what needs it, such as `A database in PostgreSQL`
 * @throws StoreError naming the optional package that is missing.
 */
export async function needPackage(name: string, what: string): Promise<unknown> {
  try {
    return await import(name)
  } catch (cause) {
    throw new StoreError(
      'unsupported_database',
      `${what} needs the package ${name}, which cannot be loaded. Install it beside byok: npm install ${name}`,
      { cause },
    )
  }
}
