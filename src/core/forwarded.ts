/** What proxies add, in lower case: for whom they ask, and by which name they were asked. */
export const FORWARDED: readonly string[] = [
  'forwarded',
  'via',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-real-ip',
  'cf-connecting-ip',
]
