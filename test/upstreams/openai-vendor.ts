import { startFakeProvider } from '../../src/testing/fake-server.ts'
import type { Answer, FakeProvider, RecordedRequest, Reply } from '../../src/testing/fake-server.ts'
import type { ScriptFailure } from '../../src/testing/script.ts'
import { checkChatRequest, Renderer, streamChunks } from './openai-chat.ts'
import type { OpenAIChatDialect, WireObject } from './openai-chat.ts'
import { playWhole } from './play.ts'

/** The messages of a request that OpenAI's checks found to be some. */
export function messagesOf(body: WireObject): WireObject[] {
  return body.messages as WireObject[]
}

/** Whether a system message stands anywhere but first, which Qwen's templates refuse (sources in src/plugins/qwen/translator.ts). */
export function hasLaterSystem(body: WireObject): boolean {
  return messagesOf(body).some(({ role }, index) => role === 'system' && index > 0)
}

/** An answer that is an error, in whatever form the vendor gives it: text is sent as it is. */
export interface VendorAnswer {
  status: number
  body: unknown
  headers?: Record<string, string>
}

/** A vendor that follows OpenAI's Chat Completions in form, and not in its errors. */
export interface ChatVendor {
  /** What stands before `/chat/completions`, such as `/coding/v1`. */
  path: string
  dialect: OpenAIChatDialect
  /** The credential and the headers. */
  authorize(request: RecordedRequest): VendorAnswer | undefined
  /** What the vendor refuses besides what OpenAI does. */
  check?(body: WireObject, request: RecordedRequest): VendorAnswer | undefined
  /** How the vendor words a request that is wrong. */
  invalid(message: string): VendorAnswer
  failure(failure: ScriptFailure, model: string): VendorAnswer
  /** The body of `GET /models`; a vendor without a list answers 404. */
  list?: unknown
  /** Whether who asks for a stream is refused by one, of a single event. Default: no. */
  refusesByStream?: boolean
  /** Headers of every answer. */
  headers(): Record<string, string>
  /** Other paths. Returns whether it answered. */
  handle?(request: RecordedRequest, reply: Reply, next: () => Answer): Promise<boolean>
}

export async function startChatVendor(vendor: ChatVendor): Promise<FakeProvider> {
  return await startFakeProvider(async (request, reply, next) => {
    const refused = vendor.authorize(request)
    if (refused) return sendAnswer(reply, vendor, refused)
    if (request.path === `${vendor.path}/models` && request.method === 'GET' && vendor.list !== undefined) {
      return reply.json(200, vendor.list, vendor.headers())
    }
    if (await vendor.handle?.(request, reply, next)) return
    if (request.path !== `${vendor.path}/chat/completions` || request.method !== 'POST') {
      return sendAnswer(reply, vendor, { status: 404, body: '404 page not found' })
    }
    const wrong = checkChatRequest(request, vendor.dialect)
    const body = request.json as WireObject
    if (wrong) return refuse(reply, vendor, body, vendor.invalid(wrong.error.message))
    const bad = vendor.check?.(body, request)
    if (bad) return refuse(reply, vendor, body, bad)
    await answer(vendor, body, reply, next())
  }, vendor.path)
}

/** Headers of a `Retry-After` in seconds, where there is one. */
export function retryAfter({ retryAfter: seconds }: ScriptFailure): Record<string, string> {
  return seconds === undefined ? {} : { 'retry-after': String(seconds) }
}

export function sendAnswer(
  reply: Reply,
  vendor: Pick<ChatVendor, 'headers'>,
  { status, body, headers }: VendorAnswer,
): void {
  const all = { ...vendor.headers(), ...headers }
  if (typeof body === 'string') reply.send(status, body, { 'content-type': 'text/plain; charset=utf-8', ...all })
  else reply.json(status, body, all)
}

function refuse(reply: Reply, vendor: ChatVendor, asked: WireObject, answer: VendorAnswer): void {
  const { status, body, headers } = answer
  if (vendor.refusesByStream !== true || asked?.stream !== true) return sendAnswer(reply, vendor, answer)
  const all = { 'content-type': 'text/event-stream;charset=UTF-8', ...vendor.headers(), ...headers }
  reply.send(status, `data: ${JSON.stringify(body)}\n\n`, all)
}

async function answer(vendor: ChatVendor, body: WireObject, reply: Reply, given: Answer): Promise<void> {
  if ('failure' in given) return refuse(reply, vendor, body, vendor.failure(given.failure, body.model))
  const render = new Renderer(body, given.script, vendor.dialect)
  return body.stream === true ? await stream(vendor, render, reply) : await whole(vendor, render, reply)
}

async function stream(vendor: ChatVendor, render: Renderer, reply: Reply): Promise<void> {
  reply.begin(200, { 'content-type': 'text/event-stream; charset=utf-8', ...vendor.headers() })
  await streamChunks(render, reply, (failure) => {
    const { body } = vendor.failure(failure, render.body.model)
    // A line of text is what stands before the model answers with; within its stream the model's own form goes on.
    return typeof body === 'string' ? { error: { message: body.trim(), code: null } } : body
  })
}

async function whole(vendor: ChatVendor, render: Renderer, reply: Reply): Promise<void> {
  await playWhole(render.script, reply, {
    headers: vendor.headers(),
    body: () => JSON.stringify(render.whole()),
    fail: (failure) => sendAnswer(reply, vendor, vendor.failure(failure, render.body.model)),
  })
}
