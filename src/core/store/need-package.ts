import { StoreError } from './errors.ts'

/** @throws StoreError naming the optional package that is missing. */
export async function needPackage(name: string, database: string): Promise<unknown> {
  try {
    return await import(name)
  } catch (cause) {
    throw new StoreError(
      'unsupported_database',
      `Logins in ${database} need the package ${name}, which cannot be loaded. Install it beside byok: npm install ${name}`,
      { cause },
    )
  }
}
