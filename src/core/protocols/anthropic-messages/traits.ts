/**
 * What a Claude model takes in a request. The wire format is one; what it may say differs by generation, and a wrong word
 * is a 400.
 */
export interface ClaudeTraits {
  /** The most tokens of one answer, thinking included: what `max_tokens` is set to where the client set none. */
  maxOutput: number
  /** Whether it is known to refuse a larger limit. */
  limited: boolean
  /**
   * How it is asked to think: `budget` by `thinking: {type: enabled, budget_tokens}`, `adaptive` by
   * `thinking: {type: adaptive}` and `output_config.effort`, `either` by both, `none` where it cannot.
   */
  thinking: 'none' | 'budget' | 'adaptive' | 'either'
  /** The `thinking.type` that turns it off; `undefined` where it always thinks. */
  off: 'disabled' | 'between_tools' | undefined
  /** Whether thinking goes on where the request does not speak of it. */
  thinksUnasked: boolean
  /** The words of `output_config.effort`, from least to most. */
  efforts: readonly string[]
  /** Whether it takes `temperature`, `top_p` and `top_k`. */
  sampling: boolean
  /** Whether `tool_choice` may force a call. */
  forcedTools: boolean
  /** Whether it takes `output_config.format` and `strict` tools. */
  structured: boolean
  /** Whether a message may have the role `system`. */
  systemMessages: boolean
  /** Whether a conversation may end with the beginning of the answer. */
  prefill: boolean
}

const EFFORTS_4_6 = ['low', 'medium', 'high', 'max'] as const
const EFFORTS = ['low', 'medium', 'high', 'xhigh', 'max'] as const

/**
 * The traits of a model by its name, under which provider it may run. A Claude newer than this list is taken for the
 * strictest of today's; a name that is no Claude's for a server that follows the format.
 *
 * Sources: `getModelCapabilities` of vercel/ai packages/anthropic/src/anthropic-messages-language-model.ts (limits,
 * sampling, forced tools, ways to turn thinking off, structured outputs); platform.claude.com/docs/en/models/…/overview and
 * …/build-with-claude/adaptive-thinking (kinds of thinking); platform.claude.com/docs/en/about-claude/models/whats-new-claude-4-8
 * (system messages); router-for-me/CLIProxyAPI internal/registry/models/models.json (efforts, limits before 4.5); ericc-ch/copilot-api
 * pull request 261 (who takes a prefill).
 */
export function claudeTraits(model: string): ClaudeTraits {
  const found = versionOf(model)
  if (!found) return FOLLOWER
  const { family, version } = found
  if (version < 4)
    return traits({
      maxOutput: version === 3 ? 4096 : 8192,
      limited: false,
      thinking: version < 3.7 ? 'none' : 'budget',
    })
  if (version < 4.5) {
    return traits({ maxOutput: family === 'opus' ? 32_000 : 64_000, structured: version >= 4.1 })
  }
  if (version < 4.6) return traits({ maxOutput: 64_000, structured: true })
  if (version < 4.7) {
    const maxOutput = family === 'sonnet' ? 64_000 : 128_000
    return traits({ maxOutput, structured: true, thinking: 'either', efforts: EFFORTS_4_6, prefill: false })
  }
  const always = family === 'fable' || family === 'mythos'
  const newest = version > 5 && family !== 'haiku'
  return {
    maxOutput: 128_000,
    limited: true,
    thinking: 'adaptive',
    off: always || (newest && family !== 'sonnet') ? undefined : newest ? 'between_tools' : 'disabled',
    thinksUnasked: version >= 5,
    efforts: EFFORTS,
    sampling: false,
    forcedTools: !newest,
    structured: true,
    systemMessages: version >= 4.8,
    prefill: false,
  }
}

/** {@link claudeTraits} of a model whose limit config or the provider's own list gives, which counts over the one known by name. */
export function claudeTraitsOf(info: { maxOutputTokens?: number } | undefined): (model: string) => ClaudeTraits {
  const maxOutput = info?.maxOutputTokens
  return (model) =>
    maxOutput === undefined ? claudeTraits(model) : { ...claudeTraits(model), maxOutput, limited: true }
}

/** What every Claude with extended thinking takes, but for what is given. */
function traits(given: Partial<ClaudeTraits> & Pick<ClaudeTraits, 'maxOutput'>): ClaudeTraits {
  return {
    limited: true,
    thinking: 'budget',
    off: 'disabled',
    thinksUnasked: false,
    efforts: [],
    sampling: true,
    forcedTools: true,
    structured: false,
    systemMessages: false,
    prefill: true,
    ...given,
  }
}

const FOLLOWER = traits({ maxOutput: 8192, limited: false })

/** `claude-opus-4-5-20251101`, `claude-3-7-sonnet`, `anthropic/claude-sonnet-4.5`: family and version, as a number. */
function versionOf(model: string): { family: string; version: number } | undefined {
  const found =
    /claude-(?<family>[a-z]+)-(?<major>\d)(?:[-.](?<minor>\d)(?!\d))?/.exec(model) ??
    /claude-(?<major>\d)(?:[-.](?<minor>\d)(?!\d))?-(?<family>[a-z]+)/.exec(model) ??
    /claude-(?<family>mythos)-preview/.exec(model)
  if (!found?.groups) return undefined
  const { family = '', major = '5', minor = '0' } = found.groups
  return { family, version: Number(`${major}.${minor}`) }
}
