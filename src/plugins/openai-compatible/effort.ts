import type { ReasoningOptions } from '../../index.ts'
import { effortOf } from '../../kit.ts'
import { isOpenAIReasoning } from './openai.ts'
import type { Server } from './servers.ts'

/**
 * How hard to think, as the server takes it of this model; `undefined` where it is better not told, for an answer is right without.
 *
 * Clients say it with every request (Claude Code, Codex), and servers refuse what a model has not:
 * - Ollama, of a model that does not think: "\"llama3.1:8b\" does not support thinking" (musistudio/claude-code-router issues 972 and
 *   1046); of others all but `none`: "think value \"medium\" is not supported for this model" (ollama/ollama issue 12561). Those that
 *   think do so unasked. gpt-oss has three levels.
 * - Groq: `low`, `medium` and `high` of gpt-oss, `none` of Qwen, nothing of others (console.groq.com/docs/reasoning; theopenco/llmgateway
 *   pull request 3422).
 * - xAI: see {@link takesEffort}.
 * - Mistral: `none` and `high` of Mistral Small 4, nothing of others (mistralai/client-python issue 431, NousResearch/hermes-agent issue
 *   11243).
 * - OpenRouter: no `none` of models that cannot but reason: "Reasoning is mandatory for this endpoint and cannot be disabled."
 *   (Kilo-Org/kilocode issue 11751, of Gemini; musistudio/claude-code-router issue 1215, of MiniMax).
 * - OpenAI, and Azure with its models: nothing of those that do not reason, or whose deployment has a name that does not tell.
 * - SGLang, LM Studio, and vLLM before it had more: "Input should be 'low', 'medium' or 'high'" (router-for-me/CLIProxyAPI issue 1572,
 *   yoy123/lmstudio-copilot-provider issue 35, llm-jp/llm-jp-judge pull request 56).
 */
export function effortAt(server: Server | undefined, model: string, wish: ReasoningOptions): string | undefined {
  const effort = effortOf(wish)
  if (effort === undefined) return undefined
  const isOss = /gpt-oss/i.test(model)
  switch (server) {
    case 'openrouter':
      return effort === 'none' && /^(?:google\/gemini|minimax\/)/.test(model) ? undefined : effort
    case 'openai':
      return isOpenAIReasoning(model) ? effort : undefined
    case 'ollama':
      return isOss ? levelOf(effort, 'low') : effort === 'none' ? effort : undefined
    case 'groq':
      if (isOss) return levelOf(effort, 'low')
      return effort === 'none' && /qwen/i.test(model) ? effort : undefined
    case 'xai':
      return takesEffort(model) ? levelOf(effort, /^grok-3/.test(model) ? 'low' : 'none') : undefined
    case 'mistral':
      if (!/^mistral-small-(?:latest|2[6-9])/.test(model)) return undefined
      return effort === 'none' ? effort : 'high'
    default:
      return isOpenAIReasoning(model) ? effort : levelOf(effort, undefined)
  }
}

/** One of the three that all know. */
function levelOf<T>(effort: string, none: T): string | T {
  if (effort === 'none') return none
  if (effort === 'minimal') return 'low'
  return effort === 'xhigh' || effort === 'max' ? 'high' : effort
}

/**
 * "Model grok-4-latest does not support parameter reasoningEffort.": whose models are asked is told by NousResearch/hermes-agent pull
 * request 23435, which tried them, and BerriAI/litellm pull request 16265.
 */
function takesEffort(model: string): boolean {
  if (/^grok-(?:3-mini|4\.20-multi-agent)/.test(model)) return true
  return !/^grok-(?:2|3|code|4(?!\.(?:[3-9]|[1-9]\d))|4\.20)/.test(model)
}
