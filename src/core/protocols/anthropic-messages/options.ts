import type { ClaudeTraits } from './traits.ts'

/** How a provider that speaks the Messages format differs from Anthropic. All default to Anthropic's own ways. */
export interface AnthropicMessagesOptions {
  /**
   * The format's name. The default, `anthropic-messages`, lets requests of Anthropic clients pass through as they are. A
   * provider that needs its requests changed takes a name of its own.
   */
  format?: string
  /** What errors call the provider. Default: `Claude`. */
  provider?: string
  /** Whether it holds conversations (`thread`). Where it does not, clients are told so that they go on without. Default: true. */
  threads?: boolean
  /** What a model takes. Default: `claudeTraits`. */
  traits?(model: string): ClaudeTraits
  /** Changes the body last of all, for what no option says. */
  adapt?(body: Record<string, unknown>): Record<string, unknown>
}

/** The name of the wire format, for clients and providers alike. */
export const PROTOCOL = 'anthropic-messages'
