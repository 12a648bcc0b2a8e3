import type { Plugin } from './core/plugin/plugin.ts'
import antigravity from './plugins/antigravity/index.ts'
import claude from './plugins/claude/index.ts'
import codex from './plugins/codex/index.ts'
import copilot from './plugins/copilot/index.ts'
import gemini from './plugins/gemini/index.ts'
import iflow from './plugins/iflow/index.ts'
import kimi from './plugins/kimi/index.ts'
import kiro from './plugins/kiro/index.ts'
import openaiCompatible from './plugins/openai-compatible/index.ts'
import qwen from './plugins/qwen/index.ts'

/** The plugins every byok starts with, in the order that settles who serves a model two of them list. */
export const builtins: Plugin[] = [
  claude,
  codex,
  copilot,
  gemini,
  kiro,
  antigravity,
  qwen,
  kimi,
  iflow,
  openaiCompatible,
]
