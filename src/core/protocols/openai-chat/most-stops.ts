import { isReasoningModel } from './newest-limit.ts'

/**
 * How many stop sequences a model of OpenAI's takes in Chat Completions: "Invalid 'stop': array too long. Expected an array with maximum length
 * 4, but got an array with length 14 instead." (continuedev/continue issue 1572). One that reasons takes none: "Unsupported parameter: 'stop' is
 * not supported with this model." (crewAIInc/crewAI pull request 5144, huggingface/smolagents issue 1893); whether GPT-5.5 and later do is not
 * agreed on (BerriAI/litellm pull request 28650).
 *
 * Anthropic's clients may have any number of them, and Google's five.
 *
 * @param model its name, with that of who offers it before it or without
 */
export function mostOpenAIStops(model: string): number {
  return isReasoningModel(model.slice(model.lastIndexOf('/') + 1)) ? 0 : 4
}
