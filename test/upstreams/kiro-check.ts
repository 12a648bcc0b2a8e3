import type { RecordedRequest } from '../../src/testing/fake-server.ts'
import type { WireObject } from './openai-chat-check.ts'
import { badToken, invalid } from './kiro-failures.ts'
import type { KiroError } from './kiro-failures.ts'

type Json = WireObject

export interface KiroAccount {
  token: string
  apiKey: string
  profileArn: string
}

/** Refuses what Kiro would refuse of the request's head and signature. */
export function checkSignature(request: RecordedRequest, body: Json, account: KiroAccount): KiroError | undefined {
  const [scheme, token] = (request.headers.authorization ?? '').split(' ')
  const keyed = request.headers['tokentype'] === 'API_KEY'
  if (scheme !== 'Bearer' || token !== (keyed ? account.apiKey : account.token)) return badToken()
  if (keyed) return body.profileArn === undefined ? undefined : badToken()
  if (body.profileArn === undefined) return invalid(null, 'profileArn is required for this request.')
  return body.profileArn === account.profileArn ? undefined : badToken()
}

const malformed = () => invalid('REQUEST_BODY_INVALID', 'Improperly formed request.')

const UUID = /^[\da-f]{8}-[\da-f]{4}-[1-8][\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/

/**
 * Refuses what Kiro would refuse of a conversation.
 *
 * Rules: the service model (aws/amazon-q-developer-cli, crates/amzn-codewhisperer-streaming-client/src/types), and what
 * gateways were refused: jwadow/kiro-gateway kiro/converters_core.py (schemas, descriptions), d-kuro/kirocc
 * internal/reqconv (tool order, names, schema root), router-for-me/CLIProxyAPIPlus kiro_executor.go (length, duplicates).
 *
 * @param proofs Signatures and sealed reasoning this account was given.
 */
export function checkConversation(body: Json, proofs: ReadonlySet<string>): KiroError | undefined {
  if (!onlyKeys(body, ['conversationState', 'profileArn', 'agentMode', 'additionalModelRequestFields'])) {
    return malformed()
  }
  const state: Json | undefined = body.conversationState
  const current: Json | undefined = state?.currentMessage?.userInputMessage
  if (!state || !current || !UUID.test(state.conversationId) || state.chatTriggerType !== 'MANUAL') return malformed()
  const history: Json[] = state.history ?? []
  const tools: Json[] = current.userInputMessageContext?.tools ?? []
  return (
    checkTurns(history) ??
    first([...history, state.currentMessage], (entry) => checkEntry(entry, proofs)) ??
    checkPairs([...history, state.currentMessage], tools) ??
    checkTools(tools) ??
    checkFields(current.modelId, body.additionalModelRequestFields)
  )
}

function checkTurns(history: Json[]): KiroError | undefined {
  if (history.length % 2 === 1) return malformed()
  return first(history, (entry, index) =>
    (index % 2 === 0 ? 'userInputMessage' : 'assistantResponseMessage') in entry ? undefined : malformed(),
  )
}

function checkEntry(
  { userInputMessage: user, assistantResponseMessage: assistant }: Json,
  proofs: ReadonlySet<string>,
) {
  return user ? checkUser(user) : checkAssistant(assistant, proofs)
}

const USER_KEYS = ['content', 'modelId', 'origin', 'images', 'documents', 'userIntent', 'userInputMessageContext']

function checkUser(user: Json): KiroError | undefined {
  const results: Json[] = user.userInputMessageContext?.toolResults ?? []
  if (!onlyKeys(user, USER_KEYS) || typeof user.content !== 'string') return malformed()
  if (typeof user.modelId !== 'string' || !['KIRO_CLI', 'AI_EDITOR'].includes(user.origin)) return malformed()
  if (user.content.trim() === '' && results.length === 0) return malformed()
  for (const { format, source } of user.images ?? []) {
    if (!['png', 'jpeg', 'gif', 'webp'].includes(format)) {
      return invalid('IMAGE_FORMAT_UNSUPPORTED', 'Image format is not supported.')
    }
    if (typeof source?.bytes !== 'string' || !/^[\w+/]+={0,2}$/.test(source.bytes)) return malformed()
  }
  return first(results, ({ toolUseId, content, status }) => {
    const good = Array.isArray(content) && content.length > 0 && content.every(isResultBlock)
    return good && typeof toolUseId === 'string' && ['success', 'error'].includes(status) ? undefined : malformed()
  })
}

function isResultBlock(block: Json): boolean {
  return (
    (typeof block.text === 'string' && block.text !== '') || (typeof block.json === 'object' && block.json !== null)
  )
}

function checkAssistant(assistant: Json, proofs: ReadonlySet<string>): KiroError | undefined {
  const uses: Json[] = assistant.toolUses ?? []
  if (!onlyKeys(assistant, ['content', 'messageId', 'toolUses', 'reasoningContent'])) return malformed()
  if (typeof assistant.content !== 'string' || (assistant.content.trim() === '' && uses.length === 0)) {
    return malformed()
  }
  const { reasoningText, redactedContent } = assistant.reasoningContent ?? {}
  const proof = reasoningText ? reasoningText.signature : redactedContent
  if (assistant.reasoningContent && !proofs.has(proof)) {
    return invalid('THINKING_SIGNATURE_INVALID', 'Invalid `signature` in `thinking` block')
  }
  return first(uses, ({ toolUseId, name, input }) => {
    const good = /^[\w.:-]{1,64}$/.test(toolUseId) && /^[\w-]{1,64}$/.test(name)
    return good && typeof input === 'object' && input !== null && !Array.isArray(input) ? undefined : malformed()
  })
}

/** Right after an assistant's calls, of tools that are offered, come their results, all of them and no other. */
function checkPairs(entries: Json[], tools: Json[]): KiroError | undefined {
  let open: string[] = []
  const names = new Set<unknown>(tools.map((tool) => tool.toolSpecification?.name))
  for (const { userInputMessage: user, assistantResponseMessage: assistant } of entries) {
    if (assistant) {
      const uses: Json[] = assistant.toolUses ?? []
      open = idsOf(uses)
      if (open.length > 0 && tools.length === 0) {
        return invalid('TOOL_CONFIG_MISSING', 'The toolConfig field must be defined when using toolUse blocks.')
      }
      if (!uses.every(({ name }) => names.has(name))) return malformed()
      continue
    }
    const results = idsOf(user.userInputMessageContext?.toolResults)
    if (results.join() !== open.join() || new Set(results).size !== results.length) {
      return invalid(
        'TOOL_USE_RESULT_MISMATCH',
        '`tool_use` ids were found without `tool_result` blocks immediately after',
      )
    }
    open = []
  }
  return undefined
}

function idsOf(list: Json[] = []): string[] {
  return list.map(({ toolUseId }) => String(toolUseId))
}

function checkTools(tools: Json[]): KiroError | undefined {
  const names = tools.map((tool) => String(tool.toolSpecification?.name))
  if (new Set(names).size !== names.length) return invalid('TOOL_DUPLICATE', 'Tool names must be unique.')
  return first(tools, ({ toolSpecification: spec }) => {
    if (!/^[\w-]{1,64}$/.test(spec?.name ?? '')) return malformed()
    const length = Buffer.byteLength(spec.description ?? '')
    if (length === 0 || length > 10_240) return malformed()
    if (spec.inputSchema?.json?.type !== 'object') {
      return invalid('TOOL_SCHEMA_INVALID', 'inputSchema.json.type must be one of the following: object.')
    }
    return isRefusedSchema(spec.inputSchema.json) ? malformed() : undefined
  })
}

/** `true` and `false` are schemas too. */
function isRefusedSchema(schema: Json | boolean): boolean {
  if (typeof schema === 'boolean') return false
  if ('$schema' in schema || typeof schema.additionalProperties === 'boolean') return true
  if (Array.isArray(schema.required) && schema.required.length === 0) return true
  const nested = [...Object.values(schema.properties ?? {}), ...[schema.items ?? []].flat()] as (Json | boolean)[]
  return nested.some((value) => isRefusedSchema(value))
}

/** The schemas are closed: a model takes its own family's fields, or none. */
function checkFields(model: string, fields: Json | undefined): KiroError | undefined {
  if (fields === undefined) return undefined
  const allowed = model.startsWith('claude-')
    ? ['thinking', 'output_config']
    : model.startsWith('gpt-')
      ? ['reasoning']
      : []
  return onlyKeys(fields, allowed)
    ? undefined
    : invalid('REQUEST_BODY_INVALID', 'Invalid additionalModelRequestFields: not defined in the schema.')
}

function onlyKeys(object: Json, keys: string[]): boolean {
  return Object.keys(object).every((key) => keys.includes(key))
}

function first<T>(items: T[], check: (item: T, index: number) => KiroError | undefined): KiroError | undefined {
  for (const [index, item] of items.entries()) {
    const fault = check(item, index)
    if (fault) return fault
  }
  return undefined
}
