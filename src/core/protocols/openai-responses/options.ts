import type { ChatRequest } from '../../chat/index.ts'
import type { Translator } from '../../translator/translator.ts'

/** How a server that speaks the Responses format differs from OpenAI. All default to OpenAI's own ways. */
export interface OpenAIResponsesOptions {
  /**
   * The format's name. The default, `openai-responses`, lets requests of Responses clients pass through as they are,
   * untouched by any option below. A server that needs its requests changed takes a name of its own.
   */
  format?: string
  /** What errors call the provider. Default: `OpenAI's Responses API`. */
  provider?: string
  /**
   * Where the system messages a request begins with are put: in the list of items (`input`), where OpenAI takes them too, or
   * in `instructions`, which is then always there. Default: `input`. Those of a Responses client stay where they were.
   */
  system?: 'input' | 'instructions'
  /** The role of system messages in the list of items. Default: `system`. */
  systemRole?: 'system' | 'developer'
  /** Whether it answers with streams only. Default: false. */
  streamOnly?: boolean
  /** Whether it can store what it said, and then finds it again by ids alone. Default: true. */
  stores?: boolean
  /** Whether a model reasons, and so gives its reasoning encrypted. Default: all but GPT-3.5 and GPT-4. */
  reasons?(model: string): boolean
  /** Changes the body last of all, for what no option says. */
  adapt?(body: Record<string, unknown>, chat: ChatRequest): Record<string, unknown>
  /** Reads errors in a form of the vendor's own; where it returns `undefined` OpenAI's is tried. */
  error?: Translator['error']
}
