import { createHash } from 'node:crypto'
import { unsupported } from '../../index.ts'
import type { ChatRequest } from '../../index.ts'
import { refuseSealed, withoutForeignExtra, withoutForeignOffers, withSoundsInWords } from '../../kit.ts'
import { AUTO } from './models.ts'
import { provenReasoning } from './proof.ts'
import { reasoningFields } from './reasoning.ts'
import { writeTools } from './tools.ts'
import { readTurns } from './turns.ts'
import type { AssistantTurn, Turn, UserTurn } from './turns.ts'
import type { KiroAssistantEntry, KiroRequest, KiroTool, KiroUserEntry } from './wire.ts'

/** Stands for an empty text, which Kiro refuses. */
const NO_TEXT = '(no text)'
/** The user's turn after an assistant's, for Kiro answers users only. */
const GO_ON = 'Continue.'
/** The assistant's turn after the system prompt. */
const UNDERSTOOD = 'I will follow these instructions.'

/**
 * The body of `GenerateAssistantResponse`, without the account's `profileArn`.
 *
 * The system prompt is the first turn, with an answer that takes note of it, as in kiro-cli (d-kuro/kirocc,
 * internal/reqconv/build_payload.go `placeSystemPrompt`): a text of its own stays the same from request to request.
 *
 * What has no place in Kiro's format, and without which the answer is of use, is left out: limits of tokens (Kiro takes none, and protocols
 * that demand one could not reach it else), sampling and its seed, who asks, `metadata`, how the answer is stored or priced,
 * `parallel_tool_calls`, verbosity, what other fields a client sends, names of speakers, that a schema is strict, cache breakpoints, the
 * detail of images, the detail of a reasoning summary, how hard to think where the model takes no effort, and reasoning without a proof of
 * Kiro's.
 *
 * @throws {ChatError} 400 naming what Kiro cannot do.
 */
export function encodeRequest(given: ChatRequest): KiroRequest {
  const chat = withoutForeignExtra(
    withSoundsInWords(
      withoutForeignOffers(given, () => false),
      'Kiro',
    ),
    [],
    'Kiro',
  )
  refuse(chat)
  refuseSealed(chat, 'Kiro')
  const modelId = chat.model === AUTO.ours ? AUTO.theirs : chat.model
  const { tools, moved } = writeTools(chat)
  const { system, turns } = readTurns(
    chat.messages,
    new Set(tools.map(({ toolSpecification }) => toolSpecification.name)),
  )
  const current = takeCurrent(turns)
  const [first] = turns
  if (first?.role === 'assistant') turns.unshift({ role: 'user', texts: [], images: [], results: [] })
  const prompt = [...system, ...moved].join('\n\n')
  const opening: Turn[] =
    prompt === ''
      ? []
      : [
          { role: 'user', texts: [prompt], images: [], results: [] },
          { role: 'assistant', texts: [UNDERSTOOD], calls: [], reasoning: [] },
        ]
  const fields = chat.reasoning && reasoningFields(modelId, chat.reasoning)
  return {
    conversationState: {
      conversationId: conversationId(chat.promptCacheKey ?? `${prompt}\n${firstWords(turns, current)}`),
      chatTriggerType: 'MANUAL',
      agentTaskType: 'vibe',
      history: [...opening, ...turns].map((turn) =>
        turn.role === 'user' ? userEntry(turn, modelId) : assistantEntry(turn),
      ),
      currentMessage: userEntry(current, modelId, tools),
    },
    ...(fields && { additionalModelRequestFields: fields }),
  }
}

function refuse({ n, logprobs, topLogprobs, logitBias, responseFormat }: ChatRequest): void {
  if (n !== undefined && n > 1) throw unsupported('Kiro', 'more than one choice (`n`)', 'n')
  if (logprobs || topLogprobs) throw unsupported('Kiro', '`logprobs`', 'logprobs')
  if (logitBias && Object.keys(logitBias).length > 0) throw unsupported('Kiro', '`logit_bias`', 'logit_bias')
  if (responseFormat && responseFormat.type !== 'text') {
    throw unsupported('Kiro', `\`response_format\` of type \`${responseFormat.type}\``, 'response_format')
  }
}

/** Takes the turn to be answered off the end. */
function takeCurrent(turns: Turn[]): UserTurn {
  const last = turns.at(-1)
  if (last?.role === 'user') {
    turns.pop()
    return last
  }
  return { role: 'user', texts: [GO_ON], images: [], results: [] }
}

function userEntry({ texts, images, results }: UserTurn, modelId: string, tools: KiroTool[] = []): KiroUserEntry {
  const text = join(texts)
  return {
    userInputMessage: {
      // A turn of results alone has no text (d-kuro/kirocc, internal/reqconv/build_payload.go).
      content: text !== '' || results.length > 0 ? text : NO_TEXT,
      modelId,
      origin: 'KIRO_CLI',
      ...(images.length > 0 && { images }),
      ...((tools.length > 0 || results.length > 0) && {
        userInputMessageContext: {
          ...(tools.length > 0 && { tools }),
          ...(results.length > 0 && { toolResults: results }),
        },
      }),
    },
  }
}

function assistantEntry({ texts, calls, reasoning }: AssistantTurn): KiroAssistantEntry {
  const text = join(texts)
  const reasoningContent = provenReasoning(reasoning)
  return {
    assistantResponseMessage: {
      content: text !== '' || calls.length > 0 ? text : NO_TEXT,
      ...(calls.length > 0 && { toolUses: calls }),
      ...(reasoningContent && { reasoningContent }),
    },
  }
}

function join(texts: string[]): string {
  return texts.filter((text) => text.trim() !== '').join('\n\n')
}

function firstWords(turns: Turn[], current: UserTurn): string {
  const first = turns.find((turn) => turn.role === 'user' && turn.texts.length > 0) ?? current
  return join(first.texts)
}

/** A UUID that stays the same through a conversation, so that Kiro's prompt cache can know it again. */
function conversationId(seed: string): string {
  const hex = createHash('sha256').update(seed).digest('hex')
  const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 0x3) | 0x8).toString(16)
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    variant + hex.slice(17, 20),
    hex.slice(20, 32),
  ].join('-')
}
