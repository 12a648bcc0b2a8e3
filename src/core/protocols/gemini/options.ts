import type { ChatRequest, ReasoningFormat } from '../../chat/index.ts'
import type { SchemaDialect } from './schema.ts'

/** How a server writes the proofs of thoughts, where the vendor whose they are writes them in another way. */
export interface GeminiProofs {
  /** As the vendor itself has it. */
  read(wire: string): string
  /** As this server takes it; `undefined` where it takes no such proof. */
  write(proof: string): string | undefined
}

/** How a server that speaks Gemini's format differs from the Gemini API. All default to the Gemini API's own ways. */
export interface GeminiOptions {
  /**
   * The format's name. The default, `gemini`, lets requests of Gemini clients pass through as they are. A server that wraps
   * its requests or answers takes a name of its own.
   */
  format?: string
  /** What errors call the provider. Default: `Gemini`. */
  provider?: string
  /** Whether answers come as `{ response: … }`, as Code Assist sends them. Default: false. */
  wrapped?: boolean
  /** Which schema fields it reads. Default: `json-schema`. */
  schemas?: SchemaDialect
  /**
   * Whether it fetches files from the web by `fileUri`. Default: true, as the Gemini API
   * (ai.google.dev/gemini-api/docs/file-input-methods).
   */
  urls?: boolean
  /** Whose signatures its thoughts carry. Default: `google-gemini-v1`; Claude models behind this wire have Anthropic's. */
  signatures?: ReasoningFormat
  /** How it writes them. Default: as they are. */
  proofs?: GeminiProofs
  /**
   * Whether a text may be white space alone, and the turn that opens a conversation of the model's be empty. Default: true. Claude models
   * behind this wire refuse both: blank texts are left out, and a user says in words that the conversation begins with the model.
   */
  blankTexts?: boolean
  /** The most tokens the model writes: a client's limit above that, which is refused, is lowered to it. Default: as the client says. */
  maxOutput?: number | undefined
  /** Changes the body last of all, for what no option says. */
  adapt?(body: Record<string, unknown>, chat: ChatRequest): Record<string, unknown>
}

/** The name of Gemini's own format, on both its sides. */
export const PROTOCOL = 'gemini'
