import { startFakeProvider } from '../../src/testing/fake-server.ts'
import type { FakeProvider } from '../../src/testing/fake-server.ts'
import { typeOfBytes } from './anthropic-check-messages.ts'
import { checkBearer, checkEnvelope, codeAssistFailure, formOf, onboarding } from './code-assist.ts'
import type { CodeAssistFakeOptions } from './code-assist.ts'
import { checkContent, checkJson } from './gemini-check.ts'
import { badRequest, sendError, unknownNames } from './gemini-failures.ts'
import type { GoogleError } from './gemini-failures.ts'
import { answerGemini } from './gemini-render.ts'
import { under } from './gemini-wire.ts'
import type { Json } from './gemini-wire.ts'

/** Fields of the agent envelope: CLIProxyAPI internal/runtime/executor/antigravity_executor_request.go, `geminiToAntigravity`. */
const FIELDS = ['model', 'project', 'userAgent', 'requestType', 'requestId', 'request', 'enabledCreditTypes']

export interface AntigravityFakeOptions extends CodeAssistFakeOptions {
  /** What `fetchAvailableModels` tells, by the models' ids. Default: nothing. */
  models?: Json
}

/** Antigravity's agent endpoints, which are Code Assist's with an envelope of their own. */
export async function startAntigravity(options: AntigravityFakeOptions = {}): Promise<FakeProvider> {
  const { token = 'test-token', project = 'test-project' } = options
  const account = onboarding(options)
  return await startFakeProvider(async (request, reply, next) => {
    const fault = checkBearer(request, token)
    if (fault) return sendError(reply, fault)
    if (account(request, reply)) return
    if (request.path === LIST && request.method === 'POST') {
      const bad = checkJson(request) ?? checkProject(request.json as Json, project)
      return bad ? sendError(reply, bad) : reply.json(200, { models: options.models ?? {}, agentModelSorts: [] })
    }
    const method = /^\/v1internal:(generateContent|streamGenerateContent)$/.exec(request.path)?.[1]
    if (!method || request.method !== 'POST') {
      return reply.send(404, '<!DOCTYPE html><title>Error 404 (Not Found)!!1</title>', { 'content-type': 'text/html' })
    }
    const bad =
      checkJson(request) ?? checkEnvelope(request.json as Json, FIELDS, project) ?? checkAgent(request.json as Json)
    if (bad) return sendError(reply, bad)
    const { model, request: body } = request.json as Json
    const old = checkVersion(request.headers['user-agent'] ?? '', model)
    if (old) return sendError(reply, old)
    const claude = String(model).includes('claude')
    const wrong =
      checkLimit(body.generationConfig ?? {}, model) ??
      checkSearch(request.json as Json) ??
      checkContent(body, model, { prefix: 'request.', fields: ['sessionId'], claude, jsonSchema: false }) ??
      (claude ? (checkNewClaude(body, model) ?? checkClaude(body)) : undefined)
    if (wrong) return sendError(reply, wrong)
    const form = formOf(request, method)
    await answerGemini(body, reply, next(), { model, form, wrapped: true, claude, failure: codeAssistFailure })
  })
}

/** CLIProxyAPI cmd/fetch_antigravity_models/main.go: the login's project, or nothing. */
const LIST = '/v1internal:fetchAvailableModels'

function checkProject(body: Json, project: string): GoogleError | undefined {
  const unknown = Object.keys(body).filter((name) => name !== 'project')
  if (unknown.length > 0) return unknownNames(unknown.map((name) => ({ name, at: '' })))
  return body.project === undefined || body.project === project ? undefined : badRequest('Invalid project.')
}

function checkAgent({ userAgent, requestType, requestId, request }: Json): GoogleError | undefined {
  const search = requestType === 'web_search' && requestId === undefined && request.sessionId === undefined
  const agent = requestType === 'agent' ? /^agent-/.test(requestId) : requestType === 'image_gen' || search
  if (userAgent !== 'antigravity' || !agent) return badRequest('Request contains an invalid argument.')
  // CLIProxyAPI takes them out; the endpoint has its own.
  return request.safetySettings === undefined ? undefined : badRequest('Request contains an invalid argument.')
}

/**
 * Other models take the tool and do not search, and so does any beside functions (CLIProxyAPI issue 5492); here that is a fault, for whoever
 * asks believes that they do.
 */
function checkSearch({ model, requestType, request }: Json): GoogleError | undefined {
  const asks = (request.tools ?? []).some((tool: Json) => 'googleSearch' in tool)
  if (!asks && requestType !== 'web_search') return undefined
  const alone = request.tools?.length === 1 && Object.keys(request.tools[0]).length === 1
  if (asks && alone && requestType === 'web_search' && model === 'gemini-3.1-flash-lite') return undefined
  return badRequest('the fake: nothing would be searched for')
}

/** CLIProxyAPI internal/misc/antigravity_version.go: newer models are refused to clients below 2.9.0. */
function checkVersion(userAgent: string, model: string): GoogleError | undefined {
  const [, major = '0', minor = '0'] = /^antigravity\/(?:hub\/)?(\d+)\.(\d+)\.\d+/.exec(userAgent) ?? []
  if (!/gemini-3\.[5-9]|gemini-pro-agent/.test(model)) return undefined
  if (Number(major) > 2 || (Number(major) === 2 && Number(minor) >= 9)) return undefined
  return badRequest('This version of Antigravity is no longer supported. Please update to receive the latest features.')
}

/**
 * V1ki/dsh-plugin-subscriptions issue 92: some models write one token less than the rest. Claude's limit: CLIProxyAPI's registry; of all that
 * there is of it, can1357/oh-my-pi packages/catalog/src/wire/gemini-headers.ts.
 */
function checkLimit({ maxOutputTokens: limit }: Json, model: string): GoogleError | undefined {
  const claude = model.includes('claude')
  const less = /gemini-(?:3\.1-pro-low|pro-agent|2\.5|3\.1-flash-lite|3\.5-flash-(?:lite|low|extra-low))/
  const most = claude ? 64_000 : less.test(model) ? 65_535 : 65_536
  if (limit === undefined || limit <= most) return undefined
  return badRequest(
    claude
      ? `max_tokens: ${limit} > ${most}, which is the maximum allowed number of output tokens for ${model}`
      : 'Request contains an invalid argument.',
  )
}

/**
 * Claude's rules behind Gemini's wire: CLIProxyAPI internal/thinking/provider/antigravity/apply.go, internal/util/gemini_schema.go, and
 * internal/runtime/executor/antigravity_executor.go ("the adapter rejects empty text parts").
 */
function checkClaude({ contents, systemInstruction, generationConfig = {}, tools = [], toolConfig }: Json) {
  const parts = [...under(contents, 'parts'), ...under([systemInstruction ?? {}], 'parts')]
  if (parts.some(({ text }) => text === '')) return badRequest('messages: text content blocks must be non-empty')
  if (parts.some(({ text }) => typeof text === 'string' && text.trim() === '')) {
    return badRequest('messages: text content blocks must contain non-whitespace text')
  }
  const calls = parts.map(({ functionCall, functionResponse }) => functionCall ?? functionResponse)
  if (calls.some((call) => call?.id !== undefined && !/^[a-zA-Z0-9_-]+$/.test(call.id))) {
    return badRequest("messages.1.content.0.tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'")
  }
  const images = parts.map(({ inlineData }) => inlineData).filter((media) => media?.mimeType.startsWith('image/'))
  const wrong = images.find(({ mimeType, data }) => (typeOfBytes(data) ?? mimeType) !== mimeType)
  if (wrong)
    return badRequest(
      `The image was specified using the ${wrong.mimeType} media type, but the image appears to be another`,
    )
  const budget = generationConfig.thinkingConfig?.thinkingBudget
  if (budget !== undefined && budget > 0 && !(generationConfig.maxOutputTokens > budget)) {
    return badRequest('`max_tokens` must be greater than `thinking.budget_tokens`.')
  }
  if (budget !== undefined && budget >= 0 && budget < 1024) {
    return badRequest('thinking.enabled.budget_tokens: Input should be greater than or equal to 1024')
  }
  if (budget !== undefined && resumesUnthought(contents)) {
    return badRequest(
      'messages.1.content.0.type: Expected `thinking` or `redacted_thinking`, but found `tool_use`. When `thinking` is enabled, a final ' +
        '`assistant` message must start with a thinking block (preceeding the lastmost set of `tool_use` and `tool_result` blocks).',
    )
  }
  if (toolConfig?.functionCallingConfig?.mode !== 'VALIDATED') return undefined
  const declarations = under(tools, 'functionDeclarations')
  return declarations.every(({ parameters }) => parameters?.required?.length > 0)
    ? undefined
    : badRequest('Request contains an invalid argument.')
}

/** What Claude 5.5 takes nowhere (`claudeTraits`). */
function checkNewClaude({ generationConfig = {}, toolConfig }: Json, model: string): GoogleError | undefined {
  if (!/claude-\w+-5-5/.test(model)) return undefined
  const sampled = ['temperature', 'topP', 'topK'].find((name) => generationConfig[name] !== undefined)
  if (sampled !== undefined) return badRequest(`\`${sampled}\` is not supported for this model.`)
  return toolConfig?.functionCallingConfig?.mode === 'ANY'
    ? badRequest('tool_choice: forced tool use is not supported for this model.')
    : undefined
}

/** Whether the turn that goes on after calls begins without a thought: znlsl/Antigravity2Api issue 14. */
function resumesUnthought(contents: Json[]): boolean {
  const results = (content: Json | undefined) => under([content ?? {}], 'parts').some((part) => part.functionResponse)
  if (!results(contents.at(-1))) return false
  const asked = contents.findLastIndex((content) => content.role === 'user' && !results(content))
  return contents[asked + 1]?.parts[0].thought !== true
}
