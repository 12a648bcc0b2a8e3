import { expect, it } from 'vitest'
import { readTraceparent } from '../../../src/core/observe/trace-context.ts'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const SPAN = 'b7ad6b7169203331'
const known = { traceId: TRACE, spanId: SPAN, traceFlags: 1, isRemote: true }

it.each([
  [`00-${TRACE}-${SPAN}-01`, known],
  [`00-${TRACE}-${SPAN}-02`, { ...known, traceFlags: 0 }],
  [`01-${TRACE}-${SPAN}-01`, known],
  [`cc-${TRACE}-${SPAN}-01-what-the-future-will-be-like`, known],
  [`cc-${TRACE}-${SPAN}-01.what-the-future-will-not-be-like`, undefined],
  [`00-${TRACE}-${SPAN}-01-more`, undefined],
  [`ff-${TRACE}-${SPAN}-01`, undefined],
  [`00-${'0'.repeat(32)}-${SPAN}-01`, undefined],
  [`00-${TRACE}-${'0'.repeat(16)}-01`, undefined],
  [`00-${TRACE.toUpperCase()}-${SPAN}-01`, undefined],
  ['', undefined],
  [null, undefined],
])('reads %s', (text, expected) => expect(readTraceparent(text)).toEqual(expected))
