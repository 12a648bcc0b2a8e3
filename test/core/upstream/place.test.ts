import { expect, it } from 'vitest'
import { placeOf } from '../../../src/core/upstream/place.ts'

it('takes a URL apart, the first time and again', () => {
  const place = { origin: 'https://api.example.com', path: '/v1/chat?beta=true' }
  expect(placeOf('https://api.example.com/v1/chat?beta=true')).toEqual(place)
  expect(placeOf('https://api.example.com/v1/chat?beta=true')).toEqual(place)
  expect(placeOf('https://api.example.com')).toEqual({ origin: 'https://api.example.com', path: '/' })
})

it('knows what is no URL', () => {
  expect(placeOf('api.example.com/v1')).toBeUndefined()
})

it('keeps as many as it needs, whatever it is asked for', () => {
  for (let n = 0; n < 1000; n++) expect(placeOf(`https://api.example.com/${n}`)?.path).toBe(`/${n}`)
})

it('takes long ones apart too', () => {
  const path = `/${'x'.repeat(100_000)}`
  expect(placeOf(`https://api.example.com${path}`)).toEqual({ origin: 'https://api.example.com', path })
})
