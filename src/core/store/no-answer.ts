/** For how long a database elsewhere may take to be reached, and then for each answer. */
export const CONNECT_MS = 10_000
export const ANSWER_MS = 10_000

export function noAnswer(milliseconds: number): Error {
  return new Error(`it did not answer within ${milliseconds / 1000} s`)
}
