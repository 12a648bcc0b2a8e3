import { parseObject } from '../json/json.ts'
import type { ChatMessage } from './message.ts'
import type { ChatRequest, CustomTool, FunctionTool } from './request.ts'

/*
 * Tools that take free text (OpenAI's `custom`). Most providers have functions alone, so to them such a tool is a function with one
 * argument, and its calls are told from others by the names in the request.
 */

/** The name of that argument. */
export const FREE_TEXT = 'input'

/** The names of the tools of a request that take free text. */
export function freeTextTools(chat: ChatRequest | undefined): ReadonlySet<string> {
  return new Set(chat?.tools?.flatMap((tool) => (tool.type === 'custom' ? [tool.name] : [])))
}

/** A tool that takes free text, as a function. The grammar it is held to is told in words. */
export function functionOf({ name, description, format }: CustomTool): FunctionTool {
  const grammar = format && format['type'] !== 'text' ? ` It must be of this form: ${JSON.stringify(format)}` : ''
  const input = { type: 'string', description: `The tool's input, as plain text.${grammar}` }
  return {
    type: 'function',
    name,
    ...(description !== undefined && { description }),
    parameters: { type: 'object', properties: { [FREE_TEXT]: input }, required: [FREE_TEXT] },
  }
}

/** The request without tools of free text: they, their calls, and a choice of them are those of functions. */
export function withFunctionsAlone(chat: ChatRequest): ChatRequest {
  const { tools, toolChoice, messages } = chat
  return {
    ...chat,
    messages: messages.map(withFunctionCalls),
    ...(tools && { tools: tools.map((tool) => (tool.type === 'custom' ? functionOf(tool) : tool)) }),
    ...(toolChoice?.type === 'tool' && { toolChoice: { ...toolChoice, kind: 'function' } }),
  }
}

function withFunctionCalls(message: ChatMessage): ChatMessage {
  if (message.role !== 'assistant') return message
  const content = message.content.map((part) =>
    part.type === 'tool-call' && part.kind === 'custom'
      ? { ...part, kind: 'function' as const, arguments: JSON.stringify({ [FREE_TEXT]: part.arguments }) }
      : part,
  )
  return { ...message, content }
}

/** The text in the arguments of such a function; what else a model wrote there is given as it is. */
export function freeTextOf(json: string): string {
  const text = parseObject(json)?.[FREE_TEXT]
  return typeof text === 'string' ? text : json
}
