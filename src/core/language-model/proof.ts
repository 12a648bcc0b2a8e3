import type { SharedV3ProviderMetadata, SharedV3ProviderOptions } from '@ai-sdk/provider'
import { reasoningFormatOf } from '../chat/index.ts'
import type { ReasoningProof } from '../chat/index.ts'

/*
 * What a provider wants back with its reasoning. The SDK keeps a part's `providerMetadata` and hands it back as
 * `providerOptions` when the conversation goes on.
 */

/** The proof as metadata; nothing where there is none. */
export function writeProof({ summary, signature, encrypted, id, format }: ReasoningProof): {
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
export function readProof(options: SharedV3ProviderOptions | undefined): ReasoningProof {
  const { summary, signature, encrypted, id, format } = options?.['byok'] ?? {}
  const own = reasoningFormatOf(format)
  return {
    ...(typeof summary === 'boolean' && { summary }),
    ...(typeof signature === 'string' && { signature }),
    ...(typeof encrypted === 'string' && { encrypted }),
    ...(typeof id === 'string' && { id }),
    ...(own && { format: own }),
  }
}
