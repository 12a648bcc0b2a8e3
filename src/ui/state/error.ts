/** An answer of byok's that is no good one, in its own words. */
export class ApiError extends Error {
  /** 0 where nothing answered. */
  readonly status: number
  readonly code: string

  constructor(message: string, { status, code }: { status: number; code: string }) {
    super(message)
    this.status = status
    this.code = code
  }

  /** From a body in the shape of OpenAI's errors, as all of the page's routes write them. */
  static of(status: number, text: string): ApiError {
    const { message, code } = readError(text)
    return new ApiError(message ?? `byok answered with status ${status}.`, { status, code: code ?? '' })
  }
}

/** The words of an error, whichever its fields. */
export function readError(text: string): { message?: string; code?: string } {
  const error = field(parse(text), 'error')
  const message = field(error, 'message')
  const code = field(error, 'code')
  return {
    ...(typeof message === 'string' && { message }),
    ...(typeof code === 'string' && { code }),
  }
}

/** What to show of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** A field of what may be no object at all. */
export function field(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  return (value as Record<string, unknown>)[name]
}

export function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
