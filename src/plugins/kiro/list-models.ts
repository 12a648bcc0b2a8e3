import { ChatError } from '../../index.ts'
import type { ListModels, ModelInfo } from '../../index.ts'
import { badAnswer, isObject } from '../../kit.ts'
import { AUTO } from './models.ts'
import { call } from './service.ts'

/** More than Kiro has; a list that goes on after is no list. */
const MOST_PAGES = 10

/**
 * The models of the account: `ListAvailableModels`.
 *
 *   { models: [{ modelId, supportedInputTypes: ['TEXT', 'IMAGE'], tokenLimits: { maxInputTokens, maxOutputTokens },
 *     additionalModelRequestFieldsSchema }], nextToken }
 *
 * Sources: d-kuro/kirocc, internal/models/catalog.go and README.md ("Automatic model discovery");
 * jwadow/kiro-gateway, kiro/native_reasoning.py.
 */
export const listModels: ListModels = async (context) => {
  const models: ModelInfo[] = []
  let nextToken: unknown
  for (let page = 0; page < MOST_PAGES; page++) {
    const response = await call(context, {
      service: 'management',
      operation: 'AmazonCodeWhispererService.ListAvailableModels',
      accept: 'application/json',
      body: { origin: 'KIRO_CLI', ...(typeof nextToken === 'string' && { nextToken }) },
    })
    if (!response.ok) {
      await response.text()
      throw new ChatError(`Kiro answered with status ${response.status}.`, { status: 502 })
    }
    const body = await response.json()
    if (!isObject(body) || !Array.isArray(body['models'])) throw badAnswer('Kiro', 'a list of models without models')
    models.push(...body['models'].flatMap(readModel))
    nextToken = body['nextToken']
    if (typeof nextToken !== 'string' || nextToken === '') break
  }
  return models
}

function readModel(value: unknown): ModelInfo[] {
  if (!isObject(value)) return []
  const { modelId, supportedInputTypes: inputs, tokenLimits: limits, additionalModelRequestFieldsSchema } = value
  if (typeof modelId !== 'string' || modelId === '') return []
  const contextWindow = isObject(limits) ? count(limits['maxInputTokens']) : undefined
  const maxOutputTokens = isObject(limits) ? count(limits['maxOutputTokens']) : undefined
  return [
    {
      id: modelId === AUTO.theirs ? AUTO.ours : modelId,
      ...(contextWindow !== undefined && { contextWindow }),
      ...(maxOutputTokens !== undefined && { maxOutputTokens }),
      capabilities: {
        tools: true,
        ...(Array.isArray(inputs) && { vision: inputs.includes('IMAGE') }),
        ...(isObject(additionalModelRequestFieldsSchema) && { reasoning: true }),
      },
    },
  ]
}

function count(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 ? value : undefined
}
