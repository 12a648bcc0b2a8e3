import { claudeTraits } from '../anthropic-messages/traits.ts'

/**
 * What a model's name tells of its generation. Google's models differ in how they are told to think, in what a function's
 * result may hold, and in whether a call without its thought signature is refused.
 *
 * Names no rule knows, such as `gemini-flash-latest`, are taken for models of today.
 */
export interface ModelFacts {
  /** `budget`: `thinkingBudget` in tokens (Gemini 2.5). `level`: `thinkingLevel` (Gemini 3 and later). */
  thinking: 'none' | 'budget' | 'level'
  /** The levels there are, weakest first. */
  levels: readonly string[]
  /** The least and the most of a budget, and whether thinking can be turned off by one of 0. */
  budget: { min: number; max: number; off: boolean }
  /** Whether a function's result may hold images (docs: ai.google.dev/gemini-api/docs/function-calling, "Multimodal"). */
  mediaResults: boolean
  /** Whether calls of the current turn must carry their signature (docs: ai.google.dev/gemini-api/docs/thought-signatures). */
  signedCalls: boolean
  /** Whether a request may end with the beginning of the answer (pipecat-ai/pipecat pull request 5821). */
  prefill: boolean
  /**
   * Whether a model of levels takes a budget too, as Gemini 3 does for what was written before it. Gemma 4 refuses it (aduermael/herm issue
   * 23), and so does Gemini 4 (dev.to/aihubmix, "Gemini 4 Neon migration").
   */
  budgets: boolean
  /**
   * Whether it may be held to JSON beside functions: "Function calling with a response mime type: 'application/json' is unsupported", before
   * Gemini 3 (googleapis/python-genai issue 867, openai/openai-agents-python issue 656; alphaXiv/agents issue 3).
   */
  jsonBesideCalls: boolean
  /** Whether it draws, and goes on with what it has drawn (ai.google.dev/gemini-api/docs/image-generation, "Multi-turn image editing"). */
  draws: boolean
  /** Whether it takes penalties: only Gemini 2.0 does (google-gemini/cookbook issue 1290, vercel/ai issue 8943). */
  penalties: boolean
}

const DRAWS = /^(?!.*claude).*(?:image|banana)/

/**
 * Reads the facts off a name. Levels and budgets are those of CLIProxyAPI, internal/registry/models/models.json; that Claude 4
 * and GPT-OSS, which Antigravity serves on this wire, think by budget or not at all, is from there too.
 */
export function modelFacts(model: string): ModelFacts {
  const name = model.toLowerCase()
  const old = {
    levels: [],
    mediaResults: false,
    signedCalls: false,
    prefill: true,
    budgets: true,
    jsonBesideCalls: !/gemini-[12]/.test(name),
    penalties: /gemini-2\.0/.test(name),
    draws: DRAWS.test(name),
  }
  if (name.includes('claude')) {
    const { thinking, prefill } = claudeTraits(name)
    const claude = { ...old, budget: { min: 0, max: 64_000, off: true }, prefill }
    if (thinking !== 'adaptive') return { ...claude, thinking: 'budget' }
    return { ...claude, thinking: 'level', levels: claudeLevels(name), budgets: false }
  }
  if (/gemini-2\.5/.test(name)) {
    const thinks = !name.includes('image')
    return { ...old, thinking: thinks ? 'budget' : 'none', budget: budgetOf(name) }
  }
  if (/gemini-[12]\b|gemma-[123]|gpt-oss/.test(name))
    return { ...old, thinking: 'none', budget: { min: 0, max: 0, off: true } }
  return {
    thinking: 'level',
    levels: levelsOf(name),
    budget: { min: 128, max: 32_768, off: false },
    mediaResults: true,
    signedCalls: true,
    budgets: /gemini-3|-agent/.test(name),
    jsonBesideCalls: true,
    penalties: false,
    draws: DRAWS.test(name),
    prefill: /gemini-(?:3-|3\.1-|pro-latest)/.test(name),
  }
}

/**
 * Flash-Lite thinks not at all, or with 512 at the least: "The thinking budget 128 is invalid. Please choose a value between 512 and 24576."
 * (earendil-works/pi issue 2838; ai.google.dev/gemini-api/docs/thinking, "Set budget").
 */
function budgetOf(name: string): ModelFacts['budget'] {
  if (name.includes('pro')) return { min: 128, max: 32_768, off: false }
  return { min: name.includes('lite') ? 512 : 0, max: 24_576, off: true }
}

/**
 * Only these have `MINIMAL`: Gemini 3, 3.1, 3.5 and 3.6 Flash and Flash-Lite (ai.google.dev/gemini-api/docs/gemini-3,
 * whats-new-gemini-3.5 and -3.6; vercel.com/ai-gateway/models/gemini-3.1-flash-lite/faq; simstudioai/sim pull request 5812), some for
 * images (CLIProxyAPI pull request 1734; skills.sh/jpcaparas/skills/nanobanana) and Gemma 4 (livekit/agents pull request 7095). None
 * from Gemini 3.7 on has it (docs.cloud.google.com/gemini-enterprise-agent-platform/models/guides/gemini-3-8-flash, and
 * .../start/get-started-with-gemini-4). Gemini 4 Hydrogen alone has `XHIGH` (vercel/ai release @ai-sdk/gateway 4.0.144; langchain-ai/langchainjs
 * release @langchain/google 0.2.15).
 */
function levelsOf(name: string): readonly string[] {
  if (/gemini-3-pro\b|gemini-3(\.\d+)?-pro-image/.test(name)) return ['LOW', 'HIGH']
  if (/gemini-3(\.\d+)?-flash-image|gemma-4/.test(name)) return ['MINIMAL', 'HIGH']
  if (name.includes('nano-banana')) return ['MINIMAL', 'MEDIUM', 'HIGH']
  if (name.includes('gemini-4-hydrogen')) return ['LOW', 'MEDIUM', 'HIGH', 'XHIGH']
  return /gemini-3(\.[156])?-flash/.test(name) ? ['MINIMAL', 'LOW', 'MEDIUM', 'HIGH'] : ['LOW', 'MEDIUM', 'HIGH']
}

/**
 * A Claude that takes no budget has the level that its name says (`claude-opus-5-5-high`), and no other (4fuu/uri-agent release 2026.1030.0;
 * b3nw/omniroute-slim open-sse/services/antigravityClaude55.ts: "the upstream id and thinkingLevel must agree").
 */
function claudeLevels(name: string): readonly string[] {
  const named = /-(low|medium|high)$/.exec(name)?.[1]
  return named === undefined ? ['LOW', 'MEDIUM', 'HIGH'] : [named.toUpperCase()]
}
