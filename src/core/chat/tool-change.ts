import type { ChatTool } from './request.ts'

const CHANGE = Symbol('tool-change')

/**
 * What the conversation made of a tool on its way. `added`: it stands among the messages, where its own protocol finds it. `withdrawn`: it is
 * declared, as its own protocol wants it for what was said before, and offered no more.
 */
export type ToolChange = 'added' | 'withdrawn'

/** A tool with what became of it. It is kept under a symbol, for no wire has a field for it. */
export function changedTool(tool: ChatTool, change: ToolChange): ChatTool {
  return Object.assign({ ...tool }, { [CHANGE]: change })
}

export function changeOf(tool: ChatTool): ToolChange | undefined {
  const change: unknown = Reflect.get(tool, CHANGE)
  return change === 'added' || change === 'withdrawn' ? change : undefined
}
