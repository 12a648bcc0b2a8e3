import { expect, it } from 'vitest'
import { endpointOf } from '../../../src/plugins/copilot/endpoint.ts'

it.each([
  ['gpt-4o', undefined, '/chat/completions'],
  ['gpt-5-mini', undefined, '/chat/completions'],
  ['gpt-5.4', undefined, '/responses'],
  ['claude-sonnet-4.6', undefined, '/chat/completions'],
  ['gemini-2.5-pro', [], '/chat/completions'],
  ['gpt-5.4', ['/chat/completions', '/responses'], '/chat/completions'],
  ['gpt-5.4', ['/responses', 'ws:/responses'], '/responses'],
  ['claude-opus-4.8', ['/chat/completions', '/v1/messages'], '/v1/messages'],
  ['claude-opus-4.8', ['/chat/completions'], '/chat/completions'],
  ['kimi-k3', ['/v1/messages'], '/v1/messages'],
])('%s with %j goes to %s', (id, endpoints, endpoint) => {
  expect(endpointOf(id, endpoints ? { id, endpoints } : undefined)).toBe(endpoint)
})
