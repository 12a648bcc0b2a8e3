import { agents } from './agents.ts'
import { editors } from './editors.ts'
import type { Tool } from './tool.ts'

/** Every tool `byok setup` knows. */
export const tools: readonly Tool[] = [...agents, ...editors]
