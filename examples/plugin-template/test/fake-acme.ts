import { startFakeProvider } from 'byok/testing'
import type { FakeProvider, RecordedRequest, Reply, Script, ScriptFailure, ScriptStep } from 'byok/testing'

/** Statuses and codes of Acme's errors. A real plugin's come from the vendor's documentation. */
const FAILURES: Record<ScriptFailure['kind'], [status: number, type: string, code: string | null]> = {
  invalid_request: [400, 'invalid_request_error', 'invalid_value'],
  invalid_key: [401, 'invalid_request_error', 'invalid_api_key'],
  forbidden: [403, 'permission_error', 'forbidden'],
  not_found: [404, 'invalid_request_error', 'model_not_found'],
  too_large: [413, 'invalid_request_error', 'request_too_large'],
  context_length: [400, 'invalid_request_error', 'context_length_exceeded'],
  rate_limit: [429, 'rate_limit_error', 'rate_limit_exceeded'],
  quota: [429, 'insufficient_quota', 'insufficient_quota'],
  server_error: [500, 'server_error', null],
  overloaded: [503, 'server_error', null],
}

interface Body {
  model: string
  stream?: boolean
  messages?: unknown[]
}

/** A server that answers as Acme does, and refuses what Acme would refuse. */
export function startFakeAcme(key = 'test-key'): Promise<FakeProvider> {
  return startFakeProvider(async (request, reply, next) => {
    if (request.headers.authorization !== `Bearer ${key}`) return fail(reply, { kind: 'invalid_key' })
    if (request.path !== '/v1/chat/completions') return fail(reply, { kind: 'not_found' })
    const body = bodyOf(request)
    if (!body.messages || body.messages.length === 0) return fail(reply, { kind: 'invalid_request' })
    const answer = next()
    if ('failure' in answer) return fail(reply, answer.failure)
    return body.stream ? await stream(reply, body, answer.script) : await whole(reply, body, answer.script)
  }, '/v1')
}

function bodyOf({ json }: RecordedRequest): Body {
  return json as Body
}

function errorOf({ kind, message = `Acme says: ${kind}` }: ScriptFailure) {
  const [status, type, code] = FAILURES[kind]
  return { status, error: { message, type, code, param: null } }
}

function fail(reply: Reply, failure: ScriptFailure): void {
  const { status, error } = errorOf(failure)
  reply.json(status, { error }, failure.retryAfter === undefined ? {} : { 'retry-after': String(failure.retryAfter) })
}

const list = (value: string | string[]) => (typeof value === 'string' ? [value] : value)

/** What a step adds to the answer, in as many deltas as it says. */
function deltasOf(step: ScriptStep, call: () => number): object[] {
  if ('text' in step) return list(step.text).map((content) => ({ content }))
  if ('refusal' in step) return [{ refusal: step.refusal }]
  if (!('toolCall' in step)) return []
  const { id, name, arguments: json } = step.toolCall
  const index = call()
  const start = { index, id, type: 'function', function: { name, arguments: '' } }
  const rest = list(json).map((part) => ({ index, function: { arguments: part } }))
  return [start, ...rest].map((one) => ({ tool_calls: [one] }))
}

function frameOf({ model }: Body, object: string) {
  return { id: 'chatcmpl-acme', object, created: 1_764_000_000, model }
}

function endOf({ steps, finish, usage = { input: 9, output: 4 } }: Script) {
  const reason = finish ?? (steps.some((step) => 'toolCall' in step) ? 'tool_calls' : 'stop')
  return {
    finish_reason: reason === 'refusal' ? 'stop' : reason,
    usage: {
      prompt_tokens: usage.input,
      completion_tokens: usage.output,
      total_tokens: usage.input + usage.output,
      prompt_tokens_details: { cached_tokens: usage.cachedInput ?? 0 },
      completion_tokens_details: { reasoning_tokens: usage.reasoning ?? 0 },
    },
  }
}

async function stream(reply: Reply, body: Body, script: Script): Promise<void> {
  reply.begin(200, { 'content-type': 'text/event-stream' })
  const send = (value: object) => reply.write(`data: ${JSON.stringify(value)}\n\n`)
  const frame = frameOf(body, 'chat.completion.chunk')
  const chunk = (delta: object, finish_reason: string | null = null) =>
    send({ ...frame, choices: [{ index: 0, delta, finish_reason }] })
  let calls = 0
  await chunk({ role: 'assistant', content: '' })
  for (const step of script.steps) {
    if ('wait' in step) await step.wait
    else if ('raw' in step) await reply.write(step.raw)
    else if ('cut' in step) return reply.cut()
    else if ('end' in step) return reply.end()
    else if ('error' in step) {
      await send({ error: errorOf(step.error).error })
      return reply.end()
    } else for (const delta of deltasOf(step, () => calls++)) await chunk(delta)
  }
  const { finish_reason, usage } = endOf(script)
  await chunk({}, finish_reason)
  await send({ ...frame, choices: [], usage })
  await reply.write('data: [DONE]\n\n')
  reply.end()
}

async function whole(reply: Reply, body: Body, script: Script): Promise<void> {
  const { finish_reason, usage } = endOf(script)
  const texts = script.steps.flatMap((step) => ('text' in step ? list(step.text) : []))
  const refusals = script.steps.flatMap((step) => ('refusal' in step ? [step.refusal] : []))
  const calls = script.steps.flatMap((step) => ('toolCall' in step ? [step.toolCall] : []))
  const message = {
    role: 'assistant',
    content: texts.length > 0 || calls.length === 0 ? texts.join('') : null,
    refusal: refusals.length > 0 ? refusals.join('') : null,
    ...(calls.length > 0 && {
      tool_calls: calls.map(({ id, name, arguments: json }) => ({
        id,
        type: 'function',
        function: { name, arguments: list(json).join('') },
      })),
    }),
  }
  const answer = { ...frameOf(body, 'chat.completion'), choices: [{ index: 0, message, finish_reason }], usage }
  for (const step of script.steps) {
    if ('wait' in step) await step.wait
    else if ('error' in step) return fail(reply, step.error)
    else if ('cut' in step || 'end' in step) {
      const text = JSON.stringify(answer)
      reply.begin(200, { 'content-type': 'application/json' })
      await reply.write(text.slice(0, text.length / 2))
      return 'cut' in step ? reply.cut() : reply.end()
    }
  }
  reply.json(200, answer)
}
