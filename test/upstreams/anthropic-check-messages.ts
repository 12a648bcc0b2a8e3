import type { Json } from './anthropic-check.ts'
import { invalid } from './anthropic-failures.ts'
import type { AnthropicError } from './anthropic-failures.ts'

type Fault = AnthropicError | undefined

/** Fields of each content block beside `type`, of @anthropic-ai/sdk resources/messages/messages.d.ts. */
const BLOCKS: Record<string, string[]> = {
  text: ['text', 'cache_control', 'citations'],
  image: ['source', 'cache_control', 'transformations'],
  document: ['source', 'cache_control', 'citations', 'context', 'title'],
  search_result: ['content', 'source', 'title', 'cache_control', 'citations'],
  thinking: ['thinking', 'signature'],
  redacted_thinking: ['data'],
  tool_use: ['id', 'name', 'input', 'cache_control', 'caller', 'toolset_name'],
  tool_result: ['tool_use_id', 'content', 'is_error', 'cache_control', 'toolset_name'],
  server_tool_use: ['id', 'name', 'input', 'cache_control', 'caller'],
  web_search_tool_result: ['tool_use_id', 'content', 'cache_control', 'caller'],
}
const USER_BLOCKS = ['text', 'image', 'document', 'search_result', 'tool_result']
const RESULT_BLOCKS = ['text', 'image', 'document', 'search_result']
const NO_SYSTEM_ROLE = /^claude-\w+-4-[567]/

/** Checks `system` and `messages`. Turns of one role that follow each other are one turn, as Anthropic takes them. */
export function checkMessages(body: Json, issued: ReadonlyMap<string, string>): Fault {
  const { system, messages, model } = body
  if (system !== undefined && typeof system !== 'string') {
    if (!Array.isArray(system)) return invalid('system: Input should be a valid list')
    const fault = first(system, (block, index) => checkBlock(block, `system.${index}`, ['text']))
    if (fault) return fault
  }
  if (!Array.isArray(messages)) return invalid('messages: Input should be a valid list')
  if (messages.length === 0) return invalid('messages: at least one message is required')
  if (messages[0].role !== 'user') return invalid('messages: first message must use the "user" role')
  return (
    first(messages, (message, index) => checkMessage(message, index, messages, model)) ??
    checkTools(turnsOf(messages)) ??
    checkThinking(body, issued)
  )
}

function checkMessage(message: Json, index: number, all: Json[], model: string): Fault {
  const path = `messages.${index}`
  const { role, content } = message
  const unknown = Object.keys(message).find((name) => name !== 'role' && name !== 'content')
  if (unknown !== undefined) return invalid(`${path}.${unknown}: Extra inputs are not permitted`)
  if (role !== 'user' && role !== 'assistant' && role !== 'system') {
    return invalid(`${path}.role: Input should be 'user', 'assistant' or 'system'`)
  }
  if (role === 'system') {
    if (NO_SYSTEM_ROLE.test(model)) return invalid(`${path}: role 'system' is not supported on this model`)
    const next = all[index + 1]?.role
    if (all[index - 1]?.role !== 'user' || next === 'user') {
      return invalid(`${path}: a 'system' message must follow a 'user' message and precede an 'assistant' one`)
    }
  }
  if (content === undefined) return invalid(`${path}.content: Field required`)
  const last = index === all.length - 1 && role === 'assistant'
  if (content.length === 0 && !last) {
    return invalid(`${path}: all messages must have non-empty content except for the optional final assistant message`)
  }
  const text: unknown = typeof content === 'string' ? content : (content as Json[]).at(-1)?.['text']
  if (last && typeof text === 'string' && text !== text.trimEnd()) {
    return invalid('messages: final assistant content cannot end with trailing whitespace')
  }
  if (typeof content === 'string') return undefined
  if (!Array.isArray(content)) return invalid(`${path}.content: Input should be a valid list`)
  const types = role === 'user' ? USER_BLOCKS : role === 'system' ? ['text'] : Object.keys(BLOCKS)
  return first(content, (block, at) => checkBlock(block, `${path}.content.${at}`, types))
}

function checkBlock(block: Json, path: string, types: string[]): Fault {
  const fields = BLOCKS[block.type]
  if (!fields || !types.includes(block.type)) {
    const tags = types.map((type) => `'${type}'`).join(', ')
    return invalid(
      `${path}: Input tag '${block.type}' found using 'type' does not match any of the expected tags: ${tags}`,
    )
  }
  const at = `${path}.${block.type}`
  const unknown = Object.keys(block).find((name) => name !== 'type' && !fields.includes(name))
  if (unknown !== undefined) return invalid(`${at}.${unknown}: Extra inputs are not permitted`)
  switch (block.type) {
    case 'text':
      if (typeof block.text !== 'string') return invalid(`${at}.text: Field required`)
      if (block.text === '') return invalid('messages: text content blocks must be non-empty')
      if (block.text.trim() === '') return invalid('messages: text content blocks must contain non-whitespace text')
      return undefined
    case 'image':
      return checkSource(block.source, `${at}.source`, ['image/jpeg', 'image/png', 'image/gif', 'image/webp'])
    case 'document':
      return checkSource(block.source, `${at}.source`, ['application/pdf'])
    case 'tool_use':
      if (!/^[\w-]+$/.test(block.id ?? '')) return invalid(`${at}.id: String should match pattern '^[a-zA-Z0-9_-]+$'`)
      if (typeof block.input !== 'object' || block.input === null || Array.isArray(block.input)) {
        return invalid(`${at}.input: Input should be a valid dictionary`)
      }
      return undefined
    case 'tool_result':
      if (typeof block.tool_use_id !== 'string') return invalid(`${at}.tool_use_id: Field required`)
      if (block.is_error === true && (block.content ?? '').length === 0) {
        return invalid(`${at}: content cannot be empty if \`is_error\` is true`)
      }
      // vellum-ai/vellum-assistant pull request 18387.
      if (
        block.is_error === true &&
        Array.isArray(block.content) &&
        block.content.some(({ type }) => type !== 'text')
      ) {
        return invalid(`${at}: all content must be type \`text\` if \`is_error\` is true`)
      }
      if (!Array.isArray(block.content)) return undefined
      return first(block.content, (part, index) => checkBlock(part, `${at}.content.${index}`, RESULT_BLOCKS))
    default:
      return undefined
  }
}

/** What Anthropic sees in the first bytes of an image. */
const SEEN: Record<string, string> = {
  iVBO: 'image/png',
  '/9j/': 'image/jpeg',
  R0lG: 'image/gif',
  UklG: 'image/webp',
}

/** What an image is, whatever it is called. */
export function typeOfBytes(base64: string): string | undefined {
  return SEEN[base64.slice(0, 4)]
}

function checkSource(source: Json | undefined, path: string, mediaTypes: string[]): Fault {
  if (source === undefined) return invalid(`${path}: Field required`)
  const { type, media_type: mediaType, data, url } = source
  if (type === 'base64') {
    if (!mediaTypes.includes(mediaType)) {
      return invalid(`${path}.base64.media_type: Input should be ${mediaTypes.map((name) => `'${name}'`).join(', ')}`)
    }
    if (typeof data !== 'string' || !/^[A-Za-z0-9+/]+={0,2}$/.test(data)) {
      return invalid(`${path}.base64.data: Invalid base64 data`)
    }
    // BerriAI/litellm issue 24900.
    const real = typeOfBytes(data) ?? mediaType
    return real === mediaType
      ? undefined
      : invalid(
          `${path}.base64: The image was specified using the ${mediaType} media type, but the image appears to be a ${real} image`,
        )
  }
  if (type === 'url')
    return /^https?:\/\//.test(url ?? '') ? undefined : invalid(`${path}.url.url: Only HTTPS URLs are supported.`)
  if (type === 'text')
    return mediaType === 'text/plain' ? undefined : invalid(`${path}.text.media_type: Input should be 'text/plain'`)
  if (type === 'file' || type === 'content') return undefined
  return invalid(`${path}: Input tag '${type}' found using 'type' does not match any of the expected tags`)
}

interface Turn {
  role: string
  index: number
  blocks: Json[]
}

function turnsOf(messages: Json[]): Turn[] {
  const turns: Turn[] = []
  for (const [index, { role, content }] of messages.entries()) {
    const blocks: Json[] = typeof content === 'string' ? [{ type: 'text', text: content }] : content
    const last = turns.at(-1)
    if (last && last.role === role) last.blocks.push(...blocks)
    else turns.push({ role, index, blocks: [...blocks] })
  }
  return turns
}

/**
 * Every call has an id of its own (anthropics/claude-code issue 20508 quotes the error), is answered at the start of the next turn,
 * and every answer has its call in the turn before.
 */
function checkTools(turns: Turn[]): Fault {
  const ids = new Set<unknown>()
  for (const { index, blocks } of turns) {
    for (const [at, { type, id }] of blocks.entries()) {
      if (type !== 'tool_use') continue
      if (ids.has(id)) return invalid(`messages.${index}.content.${at}: \`tool_use\` ids must be unique`)
      ids.add(id)
    }
  }
  for (const [at, turn] of turns.entries()) {
    const calls = turn.blocks.filter(({ type }) => type === 'tool_use').map(({ id }) => String(id))
    const next = turns[at + 1]
    const answers = new Set(
      next?.blocks.filter(({ type }) => type === 'tool_result').map(({ tool_use_id: id }) => String(id)),
    )
    const open = next || calls.length > 0 ? calls.filter((id) => !answers.has(id)) : []
    if (open.length > 0) {
      return invalid(
        `messages.${turn.index}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ` +
          `${open.join(', ')}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`,
      )
    }
    const before = turns[at - 1]
    const asked = new Set(before?.blocks.filter(({ type }) => type === 'tool_use').map(({ id }) => String(id)))
    const results = turn.blocks.filter(({ type }) => type === 'tool_result')
    const stray = results.find(({ tool_use_id: id }) => !asked.has(String(id)))
    if (stray) {
      return invalid(
        `messages.${turn.index}.content.0: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${stray.tool_use_id}. ` +
          'Each `tool_result` block must have a corresponding `tool_use` block in the previous message.',
      )
    }
    if (results.length > 0 && turn.blocks.slice(0, results.length).some(({ type }) => type !== 'tool_result')) {
      return invalid(`messages.${turn.index}: \`tool_result\` blocks must come before all other content.`)
    }
  }
  return undefined
}

/** Signatures must be those that were issued, for that very text; a turn with a budget must begin with thinking. */
function checkThinking({ messages, thinking }: Json, issued: ReadonlyMap<string, string>): Fault {
  for (const [index, { content }] of (messages as Json[]).entries()) {
    if (typeof content === 'string') continue
    for (const [at, block] of (content as Json[]).entries()) {
      const path = `messages.${index}.content.${at}`
      if (block.type === 'thinking' && issued.get(block.signature) !== block.thinking) {
        return invalid(`${path}: Invalid \`signature\` in \`thinking\` block`)
      }
      if (block.type === 'redacted_thinking' && !issued.has(block.data)) {
        return invalid(`${path}: Invalid \`data\` in \`redacted_thinking\` block`)
      }
    }
  }
  const turns = turnsOf(messages)
  const last = turns.findLastIndex(({ role }) => role === 'assistant')
  const resumed = turns[last + 1]?.blocks.some(({ type }) => type === 'tool_result')
  const [block] = turns[last]?.blocks ?? []
  if (thinking?.type === 'enabled' && resumed && block && !/thinking$/.test(block.type)) {
    return invalid(
      `messages.${turns[last]?.index}.content.0.type: Expected \`thinking\` or \`redacted_thinking\`, but found \`${block.type}\`. ` +
        'When `thinking` is enabled, a final `assistant` message must start with a thinking block (preceeding the lastmost ' +
        'set of `tool_use` and `tool_result` blocks).',
    )
  }
  return undefined
}

function first(list: Json[], check: (item: Json, index: number) => Fault): Fault {
  for (const [index, item] of list.entries()) {
    const fault = check(item, index)
    if (fault) return fault
  }
  return undefined
}
