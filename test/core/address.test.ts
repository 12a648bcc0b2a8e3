import { expect, it } from 'vitest'
import { addressOf } from '../../src/core/address.ts'

it.each([
  ['127.0.0.1', false, 'http://localhost:8018'],
  ['[::]', false, 'http://localhost:8018'],
  ['::1', true, 'https://[::1]:8018'],
  ['[fd00::1]', false, 'http://[fd00::1]:8018'],
  ['byok.example', true, 'https://byok.example:8018'],
])('the address of %s, secure: %s', (host, secure, url) => {
  expect(addressOf({ host, port: 8018, secure })).toBe(url)
})
