import type { ChatError } from '../chat/index.ts'

/**
 * What a failed attempt means for the others:
 * - `invalid`: the request is at fault. Nobody is asked again.
 * - `elsewhere`: the account is well, but cannot do it; another may ({@link isLacking} among them).
 * - `spent`: the account has used up what it may use. It is not asked before its time.
 * - `refused`: the account is not let in. Others come first.
 * - `fault`: the provider or the way to it failed. Others come first.
 */
export type FailureKind = 'invalid' | 'elsewhere' | 'spent' | 'refused' | 'fault'

/** The kinds after which an account rests. */
export type RestCause = Exclude<FailureKind, 'invalid' | 'elsewhere'>

/**
 * Whether the model is not there for this account, or no API at all where it is asked: vLLM, Ollama, OpenRouter and Azure each have a 404
 * of their own words for the one (vllm-project/vllm issue 3485, tashfeenahmed/freellmapi issue 66), whatever answers in their place for
 * the other. OpenAI says `model_not_found`, by 403 too, of one that the key's project may not use (Aider-AI/aider issues 604 and 2030).
 */
export function isLacking({ status, code }: ChatError): boolean {
  return status === 404 || status === 405 || code === 'model_not_found'
}

export function kindOfFailure(error: ChatError): FailureKind {
  const { status, type, code } = error
  if (isLacking(error) || code === 'unsupported_feature') return 'elsewhere'
  if (status === 429 || status === 402 || type === 'insufficient_quota') return 'spent'
  if (status === 401 || status === 403) return 'refused'
  return status >= 500 || status === 408 ? 'fault' : 'invalid'
}
