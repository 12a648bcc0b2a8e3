import { geminiGenerateContent, unsupported } from '../../index.ts'
import type { GeminiOptions, TranslatorPick } from '../../index.ts'
import { anthropicToolId, claudeTraitsOf, objects, withWebSearch } from '../../kit.ts'
import { claudeProofs } from './claude-signatures.ts'
import { CLAUDE_OUTPUT } from './models.ts'
import { antigravitySearch, isSearch, refusingSearch, searching } from './web-search.ts'

/** Code Assist's envelope; functions and schemas in the fields that Antigravity reads (CLIProxyAPI, `sanitizeAntigravityToolSchemaDocument`). */
const common: GeminiOptions = {
  format: 'antigravity',
  provider: 'Antigravity',
  wrapped: true,
  schemas: 'openapi',
  urls: false,
}

/** Claude's thoughts carry Anthropic's signatures on this wire too. */
const claude: GeminiOptions = {
  ...common,
  signatures: 'anthropic-claude-v1',
  proofs: claudeProofs,
  // CLIProxyAPI internal/runtime/executor/antigravity_executor.go, `ensureAntigravityGeminiLeadingUserContent`.
  blankTexts: false,
}

/** A search has a request of its own kind. */
export const translator: TranslatorPick = (context) => {
  const { chat, model } = context
  if (isSearch(chat)) return search
  const usual = model.includes('gemini') ? usualTranslator(context) : refusingSearch(usualTranslator(context))
  return chat?.toolChoice?.type === 'none' ? withWebSearch(usual, antigravitySearch) : usual
}

/**
 * A limit above the model's own is refused, be it by one token (V1ki/dsh-plugin-subscriptions issue 92); those below hold (CLIProxyAPI
 * pull request 4598).
 */
const usualTranslator: TranslatorPick = ({ model, info }) => {
  const known = info?.maxOutputTokens
  if (!model.includes('claude')) return geminiGenerateContent({ ...common, maxOutput: known, adapt: withoutSafety })
  const maxOutput = known ?? CLAUDE_OUTPUT
  const traits = claudeTraitsOf(info)(model)
  return geminiGenerateContent({
    ...claude,
    maxOutput,
    adapt(body) {
      if (!traits.forcedTools && isForced(body)) {
        throw unsupported(
          'Antigravity',
          `a \`tool_choice\` that forces a call on ${model}, only \`auto\``,
          'tool_choice',
        )
      }
      const sampled = traits.sampling ? body : withoutSampling(body)
      return claudeThinking(validated(withClaudesIds(withoutSafety(sampled))), maxOutput)
    },
  })
}

type Body = Record<string, unknown>

/** Claude 5.5 refuses to be forced on any host (platform.claude.com/docs/en/models/opus-5-5/overview). */
function isForced(body: Body): boolean {
  return callingMode(body) === 'ANY'
}

function callingMode({ toolConfig }: Body): string | undefined {
  return (toolConfig as { functionCallingConfig?: { mode?: string } } | undefined)?.functionCallingConfig?.mode
}

/** What newer Claudes refuse on any host. */
function withoutSampling(body: Body): Body {
  if (body['generationConfig'] === undefined) return body
  const { temperature: _, topP: _p, topK: _k, ...rest } = body['generationConfig'] as Body
  const { generationConfig: _c, ...others } = body
  return Object.keys(rest).length > 0 ? { ...others, generationConfig: rest } : others
}

/** Calls' ids, of other vendors too, in the letters that Claude allows (CLIProxyAPI 580df95, "sanitize Claude tool IDs"). */
function withClaudesIds({ contents, ...body }: Body): Body {
  const withId = (value: unknown) => {
    const { id } = value as Body
    return typeof id === 'string' ? { ...(value as Body), id: anthropicToolId(id) } : value
  }
  const written = objects(contents).map((content) => ({
    ...content,
    parts: objects(content['parts']).map((part) => ({
      ...part,
      ...('functionCall' in part && { functionCall: withId(part['functionCall']) }),
      ...('functionResponse' in part && { functionResponse: withId(part['functionResponse']) }),
    })),
  }))
  return { ...body, contents: written }
}

const search = searching({ ...common, adapt: withoutSafety })

/** The endpoint has its own (CLIProxyAPI `geminiToAntigravity` takes them out). */
function withoutSafety({ safetySettings: _, ...body }: Body): Body {
  return body
}

/**
 * Claude's calls are held to their schemas by the mode VALIDATED, as CLIProxyAPI asks for them. It wants a property in every schema,
 * at least one of them required; rather than invent arguments, as CLIProxyAPI does, tools that have none are called without it.
 */
function validated(body: Body): Body {
  const declarations = declarationsOf(body)
  const mode = callingMode(body) ?? 'AUTO'
  if (mode !== 'AUTO' || declarations.length === 0 || !declarations.every(hasRequired)) return body
  return { ...body, toolConfig: { functionCallingConfig: { mode: 'VALIDATED' } } }
}

function declarationsOf({ tools }: Body): Body[] {
  const list = Array.isArray(tools) ? (tools as { functionDeclarations?: Body[] }[]) : []
  return list.flatMap(({ functionDeclarations = [] }) => functionDeclarations)
}

function hasRequired({ parameters }: Body): boolean {
  const required = (parameters as { required?: unknown[] } | undefined)?.required
  return required !== undefined && required.length > 0
}

/** The least that Claude thinks. */
const CLAUDE_BUDGET = 1024

/**
 * A budget must be below the output limit, which has to be named with it; one too small for Claude to think turns thinking off, and so
 * do calls that no thought led to.
 */
function claudeThinking(body: Body, maxOutput: number): Body {
  const config = body['generationConfig'] as Body | undefined
  const thinking = config?.['thinkingConfig'] as { thinkingBudget?: number } | undefined
  if (!config || thinking?.thinkingBudget === undefined || thinking.thinkingBudget < 0) return body
  const asked = config['maxOutputTokens']
  const limit = typeof asked === 'number' ? asked : maxOutput
  const budget = Math.min(thinking.thinkingBudget, limit - 1)
  const { thinkingConfig: _, ...rest } = config
  if (budget < CLAUDE_BUDGET || resumesUnthought(body)) return { ...body, generationConfig: rest }
  const thinkingConfig = { ...thinking, thinkingBudget: budget }
  return { ...body, generationConfig: { ...rest, maxOutputTokens: limit, thinkingConfig } }
}

/**
 * Whether Claude is to go on after calls before which it did not think, since another model made them or no proof of the thought was
 * kept: "When `thinking` is enabled, a final `assistant` message must start with a thinking block" (answers of Antigravity's in
 * NoeFabris/opencode-antigravity-auth issue 50 and znlsl/Antigravity2Api issue 14).
 */
function resumesUnthought({ contents }: Body): boolean {
  const turns = objects(contents).map(({ role, parts }) => ({ role, first: objects(parts)[0] ?? {} }))
  const asked = turns.findLastIndex(({ role, first }) => role === 'user' && !('functionResponse' in first))
  const answer = turns.slice(asked + 1).find(({ role }) => role === 'model')
  return turns.at(-1)?.role === 'user' && answer !== undefined && answer.first['thought'] !== true
}
