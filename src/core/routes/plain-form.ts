import { ChatError } from '../chat/index.ts'
import type { Usage } from '../chat/index.ts'
import type { PlainEndpoint } from '../plugin/plugin.ts'
import { inBase64 } from '../protocols/openai-chat/embeddings.ts'
import { openaiChat, openaiChatProtocol } from '../protocols/openai-chat/index.ts'
import type { Protocol } from '../protocols/protocol.ts'
import type { Route } from '../registry.ts'
import type { Translator } from '../translator/translator.ts'

/** An endpoint, and how its answers are read on their way. */
export interface PlainForm {
  endpoint: PlainEndpoint
  /** What an answer is made of. Default: words of a model's, in JSON. */
  of?: 'vectors' | 'verdicts' | 'images' | 'transcript' | 'sound'
  /** Which is asked for where the client names none. Default: none, it must. */
  model?: string
  protocol: Protocol
  translator: Translator
  /** Whether a stream of events is asked for. Default: by `stream`. */
  streams?(body: Record<string, unknown>): boolean
  /** Whether the provider holds what was said, so that who goes on from an answer is to meet the same account. */
  held?: boolean
  /** Nothing is asked of a model: who has used up a budget may still end, read and delete what goes on. Default: not so. */
  free?: boolean
  /** The body for a provider that knows the model by that name. */
  named(body: Record<string, unknown>, model: string): Record<string, unknown>
  /** What is said to the model, for an estimate of its tokens. */
  prompt(body: Record<string, unknown>): unknown
  /** What an answer in one piece tells of its usage, where it is none of a model's words. Default: as OpenAI does. */
  usage?(answer: Record<string, unknown>): Usage | undefined
  /** The answer in one piece as the client asked for it, where the provider gives another; `undefined` where it is that. */
  asAsked?(answer: Record<string, unknown>, body: Record<string, unknown>): Record<string, unknown> | undefined
  /** Why a provider cannot be asked so. */
  lacking(title: string): string
}

/** OpenAI's: a completion's chunks have the frame of a chat completion's. */
export function openaiForm(endpoint: PlainEndpoint): PlainForm {
  return {
    endpoint,
    protocol: openaiChatProtocol,
    translator: openaiChat(),
    named: (body, model) => ({ ...body, model }),
    prompt: ({ prompt, input }) => prompt ?? input,
    lacking: (title) =>
      `${title} has no /v1/${endpoint}, or no key for it. Pick a model of a provider that has, with an API key, such as OpenAI or an openai-compatible one.`,
  }
}

export const EMBEDDINGS: PlainForm = {
  ...openaiForm('embeddings'),
  of: 'vectors',
  streams: () => false,
  asAsked: (answer, { encoding_format: format }) => (format === 'base64' ? inBase64(answer) : undefined),
}
export const COMPLETIONS = openaiForm('completions')
export const MODERATIONS: PlainForm = {
  ...openaiForm('moderations'),
  of: 'verdicts',
  streams: () => false,
  // openai-node src/resources/moderations.ts, `ModerationCreateParams`.
  model: 'omni-moderation-latest',
}

/** That none of a model's providers has an endpoint. */
export function notOffered({ provider }: Route, { lacking }: PlainForm): ChatError {
  return new ChatError(lacking(provider.title), {
    status: 404,
    type: 'invalid_request_error',
    code: 'endpoint_not_offered',
    param: 'model',
  })
}
