import type { Plugin } from './core/plugin.ts'
import codex from './plugins/codex/index.ts'

/** The plugins every byok starts with, in the order that settles who serves a model two of them list. */
export const builtins: Plugin[] = [codex]
