import type { SharedV3ProviderMetadata, SharedV3ProviderOptions } from '@ai-sdk/provider'
import type { ReasoningPart } from '../chat/index.ts'

type Proof = Pick<ReasoningPart, 'summary' | 'signature' | 'encrypted' | 'id' | 'format'>

/*
 * What a provider wants back with its reasoning. The SDK keeps a part's `providerMetadata` and hands it back as
 * `providerOptions` when the conversation goes on.
 */

/** The proof as metadata; nothing where there is none. */
export function writeProof({ summary, signature, encrypted, id, format }: Proof): {
  providerMetadata?: SharedV3ProviderMetadata
} {
  const proof = {
    ...(summary !== undefined && { summary }),
    ...(signature !== undefined && { signature }),
    ...(encrypted !== undefined && { encrypted }),
    ...(id !== undefined && { id }),
    ...(format !== undefined && { format }),
  }
  return Object.keys(proof).length > 0 ? { providerMetadata: { byok: proof } } : {}
}

/** The proof that was handed back. */
export function readProof(options: SharedV3ProviderOptions | undefined): Proof {
  const { summary, signature, encrypted, id, format } = options?.['byok'] ?? {}
  return {
    ...(typeof summary === 'boolean' && { summary }),
    ...(typeof signature === 'string' && { signature }),
    ...(typeof encrypted === 'string' && { encrypted }),
    ...(typeof id === 'string' && { id }),
    ...(isFormat(format) && { format }),
  }
}

const FORMATS = ['anthropic-claude-v1', 'openai-responses-v1', 'google-gemini-v1', 'unknown'] as const

function isFormat(value: unknown): value is NonNullable<Proof['format']> {
  return FORMATS.some((format) => format === value)
}
