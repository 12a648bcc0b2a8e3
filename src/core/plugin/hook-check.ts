import type { HookCallback } from 'hookable'
import type { AssistantPart, ChatMessage, ToolResultPart, UserPart } from '../chat/message.ts'
import { HookError } from '../hooks.ts'
import { isObject, listOf } from '../json/json.ts'
import { faultOfEvent } from '../translator/event-check.ts'
import { isPromise } from '../async/waiting.ts'

const ROLES: Record<ChatMessage['role'], true> = {
  system: true,
  developer: true,
  user: true,
  assistant: true,
  tool: true,
}

const PARTS: Record<(AssistantPart | ToolResultPart | UserPart)['type'], true> = {
  text: true,
  image: true,
  file: true,
  audio: true,
  refusal: true,
  reasoning: true,
  'tool-call': true,
}

/**
 * Looks at what a handler of `event` left: one in JavaScript may leave anything.
 * @throws {HookError} where nobody can be told of it
 */
export function checkEvent(owner: string, [context]: readonly unknown[]): void {
  if (!isObject(context) || !isObject(context['event'])) return
  const fault = faultOfEvent(context['event'])
  if (fault !== undefined) throw new HookError('event', owner, undefined, fault)
}

/** A handler of `chat` that fails where it leaves messages of which nothing can be made, or which would be lost on the way. */
export function checkedChat(handler: HookCallback, owner: string): HookCallback {
  return (context: unknown): Promise<void> | undefined => {
    const chat = isObject(context) && isObject(context['chat']) ? context['chat'] : {}
    const had = listOf(chat['messages']).length
    const check = (): undefined => {
      const fault = faultOfMessages(chat['messages'], had)
      if (fault !== undefined) throw new HookError('chat', owner, undefined, fault)
    }
    const result: unknown = handler(context)
    return isPromise(result) ? Promise.resolve(result).then(check) : check()
  }
}

/** Those of Chat Completions, whose content may be a text, are easily written in the place of byok's own. */
function faultOfMessages(messages: unknown, had: number): string | undefined {
  if (!Array.isArray(messages)) return '`messages` that are no list'
  if (messages.length === 0 && had > 0) return 'no `messages`'
  for (const [at, message] of messages.entries()) {
    const place = `messages[${at}]`
    const { role, content }: Record<string, unknown> = isObject(message) ? message : {}
    if (!isOneOf(ROLES, role)) return `\`${place}.role\` that is none of ${Object.keys(ROLES).join(', ')}`
    if (!Array.isArray(content)) return `\`${place}.content\` that is no list of parts`
    const wrong = content.findIndex((part) => !isObject(part) || !isOneOf(PARTS, part['type']))
    if (wrong >= 0) return `\`${place}.content[${wrong}].type\` that is none of ${Object.keys(PARTS).join(', ')}`
  }
  return undefined
}

function isOneOf(names: Record<string, true>, name: unknown): boolean {
  return typeof name === 'string' && Object.hasOwn(names, name)
}
