import { expect, it } from 'vitest'
import { withoutUrlSecrets } from '../../../src/core/secrets/url-secrets.ts'

it.each([
  ['a password', 'postgres://me:pa55@db.example/byok', 'postgres://me:[secret]@db.example/byok'],
  ['one without a user', 'redis://:pa55@db.example:6379/0', 'redis://:[secret]@db.example:6379/0'],
  ['one with a /', 'postgres://me:x/pa55@db.example/byok', 'postgres://me:[secret]@db.example/byok'],
  ['one that looks like a port', 'postgres://me:12/pa55@db.example/byok', 'postgres://me:[secret]@db.example/byok'],
  ['one with a ?', 'postgres://me:x?pa55@db.example/byok', 'postgres://me:[secret]@db.example/byok'],
  ['one with a #', 'postgres://me:x#pa55@db.example/byok', 'postgres://me:[secret]@db.example/byok'],
  ['one with a stray %', 'postgres://me:x%pa55@db.example/byok', 'postgres://me:[secret]@db.example/byok'],
  ['one with an @', 'postgres://me:x@pa55@db.example/byok', 'postgres://me:[secret]@db.example/byok'],
  ['one with a : and a line break', 'postgres://me:x:y\npa55@db.example', 'postgres://me:[secret]@db.example'],
  ['one with a parameter', 'postgres://me:x?key=pa55@db.example', 'postgres://me:[secret]@[secret]'],
  ['a parameter', 'libsql://db.example?authToken=pa55&tls=0', 'libsql://db.example?authToken=[secret]&tls=0'],
  ['one with a #', 'libsql://db.example?tls=0&password=x#pa55&y', 'libsql://db.example?tls=0&password=[secret]'],
  ['one with an @', 'postgres://me@db.example/x?password=y@pa55', 'postgres://me@db.example/x?password=[secret]'],
  ['one after a port', 'postgres://db.example:5432/x?password=y@pa55', 'postgres://db.example:[secret]@[secret]'],
])('takes out %s', (_, text, clean) => {
  expect(withoutUrlSecrets(text)).toBe(clean)
})

it.each([
  '~/.byok/tokens.db',
  'C:/byok/tokens.db',
  'ann@example.com: hello',
  'postgres://me@db.example:5432/byok?sslmode=require',
  'https://gateway.example/v1/@cf/models?version=1',
  'http://[::1]:8080/v1',
])('leaves %s as it is', (text) => {
  expect(withoutUrlSecrets(text)).toBe(text)
})
