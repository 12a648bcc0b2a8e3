/** A vendor that answers with words that follow from the question, and fails where it is asked to. */
import { createServer } from 'node:http'
import type { ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export const ACCOUNTS = 4
/** byok sends no token in the last 15 s of its life, so each is renewed after half of this. */
export const LIFE_SECONDS = 30

/** What goes wrong with an answer. */
export const FAILURES = ['none', 'busy', 'broken', 'limited', 'cut', 'reset', 'garbage'] as const
export type Failure = (typeof FAILURES)[number]

/** A question: its words are the answer. */
export interface Question {
  /** Which no other has. */
  id: number
  words: number
  failure: Failure
}

interface Tokens {
  access: string
  refresh: string
}

export interface Vendor {
  url: string
  /** How many chunks it sent. */
  chunks: number
  /** How many logins it renewed. */
  renewed: number
  close(): Promise<void>
}

export function isTokens(value: unknown): value is Tokens {
  return typeof value === 'object' && value !== null && 'access' in value && 'refresh' in value
}

export const questionText = ({ id, words, failure }: Question) => `Say ${words} words of ${id}, ${failure}.`
export const answerText = ({ id, words }: Pick<Question, 'id' | 'words'>) =>
  Array.from({ length: words }, (_, index) => word(id, index)).join('')
const word = (id: number, index: number) => `${id}-${index} `

export async function startVendor(): Promise<Vendor> {
  /** What each login has now, and when that ends. */
  const logins = new Map<string, { access: string; ends: number }>()
  const refreshTokens = new Map(Array.from({ length: ACCOUNTS }, (_, number) => [`first-${number}`, `${number}`]))
  let issued = 0
  const vendor: Vendor = { url: '', chunks: 0, renewed: 0, close }

  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (text: string) => (body += text))
    request.on('error', () => {})
    response.on('error', () => {})
    request.on('end', () => {
      if (request.url === '/token') renew(body, response)
      else if (request.method === 'GET') json(response, 404, { error: { message: 'no list' } })
      else if (request.url === '/v1/messages') void answer(body, response, anthropic)
      else if (!isKnown(request.headers.authorization)) json(response, 401, { error: { message: 'token expired' } })
      else void answer(body, response, openai)
    })
  })

  /** Each refresh token is good for once, as with the strictest of vendors. */
  function renew(token: string, response: ServerResponse): void {
    const login = refreshTokens.get(token)
    if (login === undefined) return json(response, 400, { error: 'invalid_grant' })
    refreshTokens.delete(token)
    const tokens = { access: `access-${++issued}`, refresh: `refresh-${issued}` }
    refreshTokens.set(tokens.refresh, login)
    logins.set(login, { access: tokens.access, ends: Date.now() + LIFE_SECONDS * 1000 })
    vendor.renewed++
    json(response, 200, tokens)
  }

  function isKnown(authorization: string | undefined): boolean {
    const now = Date.now()
    for (const { access, ends } of logins.values()) if (authorization === `Bearer ${access}`) return now < ends
    return false
  }

  async function answer(body: string, response: ServerResponse, wire: Wire): Promise<void> {
    const [, words = '0', id = '0', failure = 'none'] = /Say (\d+) words of (\d+), (\w+)\./.exec(body) ?? []
    const question = { id: Number(id), words: Number(words) }
    const { stream } = JSON.parse(body) as { stream?: boolean }
    if (failure === 'busy') return json(response, 503, wire.error('busy'))
    if (failure === 'broken') return json(response, 500, wire.error('broken'))
    if (failure === 'limited') {
      response.setHeader('retry-after-ms', '20')
      return json(response, 429, wire.error('slow down'))
    }
    if (failure === 'reset') return void response.socket?.resetAndDestroy()
    if (!stream) {
      if (failure === 'cut') {
        response.writeHead(200, { 'content-length': '5000' }).write('{"id":"x"', () => response.socket?.destroy())
        return
      }
      if (failure === 'garbage') return void response.writeHead(200).end('<html>')
      return json(response, 200, wire.whole(answerText(question)))
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(wire.first)
    const last = failure === 'none' ? question.words : Math.floor(question.words / 2)
    for (let index = 0; index < last && !response.destroyed; index++) {
      vendor.chunks++
      if (!response.write(wire.delta(word(question.id, index)))) await drained(response)
      // Now and then it thinks.
      if (index % 50 === 49) await new Promise((resolve) => setTimeout(resolve, 5))
    }
    if (failure === 'cut') response.socket?.destroy()
    else response.end(failure === 'garbage' ? 'data: {"choices":[{]\n\n' : wire.last)
  }

  function close(): Promise<void> {
    server.closeAllConnections()
    return new Promise((resolve) => server.close(() => resolve()))
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  vendor.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return vendor
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    response.once('drain', resolve)
    response.once('close', resolve)
  })
}

/** How a vendor writes its answers. */
interface Wire {
  whole(text: string): unknown
  error(message: string): unknown
  first: string
  delta(text: string): string
  last: string
}

const data = (value: unknown) => `data: ${JSON.stringify(value)}\n\n`
const named = (value: { type: string; [key: string]: unknown }) => `event: ${value.type}\n${data(value)}`

const chunk = (delta: object, finish: string | null = null) =>
  data({
    id: 'chatcmpl-soak',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'words',
    choices: [{ index: 0, delta, finish_reason: finish }],
  })
const openai: Wire = {
  whole: (text) => ({
    id: 'chatcmpl-soak',
    object: 'chat.completion',
    created: 1,
    model: 'words',
    choices: [{ index: 0, message: { role: 'assistant', content: text, refusal: null }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 9, completion_tokens: 12, total_tokens: 21 },
  }),
  error: (message) => ({ error: { message, type: 'server_error', param: null, code: null } }),
  first: chunk({ role: 'assistant', content: '' }),
  delta: (text) => chunk({ content: text }),
  last: `${chunk({}, 'stop')}data: [DONE]\n\n`,
}

const message = { id: 'msg_soak', type: 'message', role: 'assistant', model: 'words', stop_sequence: null }
const usage = { input_tokens: 9, output_tokens: 12 }
const anthropic: Wire = {
  whole: (text) => ({ ...message, content: [{ type: 'text', text }], stop_reason: 'end_turn', usage }),
  error: (text) => ({ type: 'error', error: { type: 'api_error', message: text } }),
  first:
    named({ type: 'message_start', message: { ...message, content: [], stop_reason: null, usage } }) +
    named({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }),
  delta: (text) => named({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } }),
  last:
    named({ type: 'content_block_stop', index: 0 }) +
    named({ type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage }) +
    named({ type: 'message_stop' }),
}
