import type { ChatTool } from '../../chat/index.ts'
import { kept } from './wire.ts'

/**
 * Tools in a `namespace` (openai-node `NamespaceTool`; Codex groups the tools of an MCP server so) are told to other
 * providers under one flat name, and named as the client did in what comes back.
 */
export interface NamespacedName {
  namespace: string
  name: string
}

/** `server` and `tool` as `server__tool`. Names that are too long for a provider are for it to judge. */
export function flatName({ namespace, name }: NamespacedName): string {
  return namespace.endsWith('__') ? namespace + name : `${namespace}__${name}`
}

/** By flat name: what the client calls its tools. Empty where it uses no namespaces. */
export function namespacedNames(tools: readonly ChatTool[] = []): Map<string, NamespacedName> {
  const names = new Map<string, NamespacedName>()
  for (const tool of tools) {
    if (tool.type === 'provider') continue
    const { namespace, name } = kept(tool)
    if (typeof namespace === 'string' && typeof name === 'string') names.set(tool.name, { namespace, name })
  }
  return names
}
