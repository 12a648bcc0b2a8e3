import assert from 'node:assert/strict'

/** The `openai` client's error of an answer, told by its shape: the client is loaded only when a test runs. */
export interface ApiError extends Error {
  status: number | undefined
  code: string | null | undefined
  type: string | undefined
  headers: Headers | undefined
}

export function isApiError(value: unknown): value is ApiError {
  return value instanceof Error && 'status' in value && 'requestID' in value
}

/** What a request fails with. */
export async function failureOf(asked: Promise<unknown>): Promise<ApiError> {
  try {
    await asked
  } catch (error) {
    if (isApiError(error)) return error
    throw error
  }
  assert.fail('the request should have failed')
}

/** Whether `text` holds each of `words`, in this order. */
export function assertInOrder(text: string, words: string[]): void {
  let from = 0
  for (const word of words) {
    const at = text.indexOf(word, from)
    assert.notEqual(at, -1, `the vendor was not sent ${JSON.stringify(word)} in its place`)
    from = at + word.length
  }
}

/** Two requests without what is new in each whatever it says: ids. */
export function assertDiffer(first: string, second: string, why: string): void {
  assert.notEqual(withoutIds(first), withoutIds(second), why)
}

function withoutIds(text: string): string {
  return text.replaceAll(/[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}/g, '')
}

/** A promise and what settles it. */
export function gate(): { passed: Promise<void>; open: () => void } {
  let open = () => {}
  const passed = new Promise<void>((resolve) => (open = resolve))
  return { passed, open }
}
