import { startFakeProvider } from '../../src/testing/fake-server.ts'
import type { FakeProvider, RecordedRequest, Reply } from '../../src/testing/fake-server.ts'
import { checkConversation, checkSignature } from './kiro-check.ts'
import { failureOf, invalid, sendError, vendorHeaders } from './kiro-failures.ts'
import type { KiroError } from './kiro-failures.ts'
import { answerStream } from './kiro-render.ts'
import type { WireObject } from './openai-chat-check.ts'

export interface KiroFakeOptions {
  /** The login's access token that is good. Default: `kiro-token`. */
  token?: string
  /** The profile that goes with it. Default: one in us-east-1. */
  profileArn?: string
  /** The API key that is good. Default: `ksk_test`. */
  apiKey?: string
  /** The models there are. Default: every name is taken for a good one. */
  models?: string[]
}

export const KIRO_PROFILE = 'arn:aws:codewhisperer:us-east-1:000000000000:profile/TESTTESTTEST'

const ANSWER = 'AmazonCodeWhispererStreamingService.GenerateAssistantResponse'
const LIST = 'AmazonCodeWhispererService.ListAvailableModels'

/**
 * Kiro's `GenerateAssistantResponse` and `ListAvailableModels`, for logins and API keys. What it answers is a binary event
 * stream or AWS's JSON.
 */
export async function startKiro(options: KiroFakeOptions = {}): Promise<FakeProvider> {
  const { token = 'kiro-token', apiKey = 'ksk_test', profileArn = KIRO_PROFILE, models } = options
  const proofs = new Set<string>()
  return await startFakeProvider(async (request, reply, next) => {
    const fault = checkHead(request)
    if (fault) return sendError(reply, fault)
    const body = request.json as WireObject
    const stranger = checkSignature(request, body, { token, apiKey, profileArn })
    if (stranger) return sendError(reply, stranger)
    if (request.headers['x-amz-target'] === LIST) return listModels(body, reply, models ?? ['auto', 'claude-opus-4.6'])
    const bad = checkConversation(body, proofs)
    if (bad) return sendError(reply, bad)
    const model: string = body.conversationState.currentMessage.userInputMessage.modelId
    if (models && !models.includes(model)) return sendError(reply, failureOf({ kind: 'not_found' }))
    const answer = next()
    if ('failure' in answer) return sendError(reply, failureOf(answer.failure))
    await answerStream(model, reply, answer.script, proofs)
  })
}

function checkHead(request: RecordedRequest): KiroError | undefined {
  const named = String(request.headers['x-amz-target'])
  const byPath = request.path === '/generateAssistantResponse' && named === ANSWER
  if (request.method !== 'POST' || !(byPath || (request.path === '/' && [ANSWER, LIST].includes(named)))) {
    return { status: 404, name: 'UnknownOperationException', message: 'Unknown operation.', reason: null }
  }
  // With a charset awsJson1.0 is another type to Kiro.
  if (request.headers['content-type'] !== (byPath ? 'application/json' : 'application/x-amz-json-1.0')) {
    return { ...invalid(null, 'Unsupported media type.'), status: 415 }
  }
  const { json } = request
  return typeof json === 'object' && json !== null && !Array.isArray(json)
    ? undefined
    : invalid('REQUEST_BODY_INVALID_JSON', 'The request body is not JSON.')
}

/** One model a page, so that there are pages. The fields are those of kiro-cli captures. */
function listModels({ origin, nextToken = '0' }: WireObject, reply: Reply, ids: string[]): void {
  if (origin !== 'KIRO_CLI') return sendError(reply, invalid('REQUEST_BODY_INVALID', 'Improperly formed request.'))
  const at = Number(nextToken)
  const modelId = ids[at]
  const model = {
    modelId,
    modelName: modelId,
    rateMultiplier: 1,
    rateUnit: 'Credit',
    supportedInputTypes: ['TEXT', 'IMAGE'],
    tokenLimits: { maxInputTokens: 1_000_000, maxOutputTokens: 64_000 },
    ...(modelId !== 'auto' && { additionalModelRequestFieldsSchema: { type: 'object', properties: {} } }),
  }
  const more = at + 1 < ids.length ? { nextToken: String(at + 1) } : {}
  reply.send(200, JSON.stringify({ defaultModel: { modelId: 'auto' }, models: [model], ...more }), {
    'content-type': 'application/x-amz-json-1.0',
    ...vendorHeaders(),
  })
}
