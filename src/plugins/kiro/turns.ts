import { createHash } from 'node:crypto'
import { invalidRequest, unsupported } from '../../index.ts'
import type { AssistantMessage, ChatMessage, ReasoningPart, ToolCallPart, ToolMessage } from '../../index.ts'
import { callInput, withResultsInPlace } from '../../kit.ts'
import { readResultPart, readUserPart } from './content.ts'
import type { KiroImage, KiroToolResult, KiroToolUse } from './wire.ts'

export interface UserTurn {
  role: 'user'
  texts: string[]
  images: KiroImage[]
  results: KiroToolResult[]
}

export interface AssistantTurn {
  role: 'assistant'
  texts: string[]
  calls: KiroToolUse[]
  reasoning: ReasoningPart[]
}

export type Turn = UserTurn | AssistantTurn

export interface Turns {
  /** The system prompt, in the order it was given. */
  system: string[]
  /** Users and assistants by turns. */
  turns: Turn[]
}

/**
 * Messages as turns: neighbours of one side become one turn, and results of tools are the user's.
 *
 * Kiro has no system role. What is said before the first turn is the system prompt; what is said later stands in its place
 * in a user's turn, between tags.
 *
 * @param offered The names of the tools that the request offers. Kiro refuses calls and results of others (TOOL_CONFIG_MISSING;
 *   hank9999/kiro.rs commit 7439977), so they are told as text. Its own client gives them the name of a tool that does nothing
 *   (aws/amazon-q-developer-cli crates/agent/src/agent/mod.rs, `enforce_conversation_invariants`), by which the model knows less.
 * @throws {ChatError} 400 naming the part Kiro cannot take, or the call or result without its counterpart.
 */
export function readTurns(messages: ChatMessage[], offered: ReadonlySet<string>): Turns {
  const told = new Set<string>()
  const system: string[] = []
  const turns: Turn[] = []
  for (const [index, message] of withResultsInPlace(messages).entries()) {
    const path = `messages[${index}]`
    switch (message.role) {
      case 'system':
      case 'developer': {
        const text = message.content.map((part) => part.text).join('\n\n')
        if (text.trim() === '') break
        if (turns.length === 0) system.push(text)
        else userTurn(turns).texts.push(`<system_instruction>\n${text}\n</system_instruction>`)
        break
      }
      case 'user': {
        const turn = userTurn(turns)
        for (const [at, part] of message.content.entries()) readUserPart(part, turn, `${path}.content[${at}]`)
        break
      }
      case 'assistant':
        readAssistant(message, assistantTurn(turns), path, { offered, told })
        break
      case 'tool':
        readResult(message, userTurn(turns), path, offered.size === 0 || told.has(message.toolCallId))
        break
    }
  }
  pairCalls(turns)
  return { system, turns }
}

function userTurn(turns: Turn[]): UserTurn {
  const last = turns.at(-1)
  if (last?.role === 'user') return last
  const turn: UserTurn = { role: 'user', texts: [], images: [], results: [] }
  turns.push(turn)
  return turn
}

function assistantTurn(turns: Turn[]): AssistantTurn {
  const last = turns.at(-1)
  if (last?.role === 'assistant') return last
  const turn: AssistantTurn = { role: 'assistant', texts: [], calls: [], reasoning: [] }
  turns.push(turn)
  return turn
}

/** @param told Takes the ids of the calls that are told as text. */
function readAssistant(
  { content }: AssistantMessage,
  turn: AssistantTurn,
  path: string,
  { offered, told }: { offered: ReadonlySet<string>; told: Set<string> },
): void {
  for (const [index, part] of content.entries()) {
    const at = `${path}.content[${index}]`
    switch (part.type) {
      case 'text':
        turn.texts.push(part.text)
        break
      case 'refusal':
        turn.texts.push(part.refusal)
        break
      case 'reasoning':
        turn.reasoning.push(part)
        break
      case 'tool-call':
        if (offered.has(part.name)) {
          told.delete(part.id)
          turn.calls.push(writeCall(part, at))
        } else {
          told.add(part.id)
          turn.texts.push(`[called the tool ${part.name}, call ${part.id}, with ${part.arguments || '{}'}]`)
        }
        break
      case 'image':
      case 'file':
      case 'audio':
        throw unsupported('Kiro', `${part.type}s in an assistant's message`, at)
    }
  }
}

function writeCall({ id, name, kind, arguments: text }: ToolCallPart, path: string): KiroToolUse {
  if (kind === 'custom') throw unsupported('Kiro', 'calls of custom tools', path)
  return { toolUseId: wireId(id), name, input: callInput(text) }
}

function readResult(message: ToolMessage, turn: UserTurn, path: string, asText: boolean): void {
  const { toolCallId, content, isError } = message
  const texts = content.map((part, index) => readResultPart(part, turn.images, `${path}.content[${index}]`))
  if (asText) {
    turn.texts.push(`[${isError ? 'error' : 'result'} of the tool call ${toolCallId}]\n${texts.join('\n')}`)
    return
  }
  const written = texts.filter((text) => text !== '').map((text) => ({ text }))
  turn.results.push({
    toolUseId: wireId(toolCallId),
    content: written.length > 0 ? written : [{ text: '(no output)' }],
    status: isError ? 'error' : 'success',
  })
}

/** Bedrock's rule for a call's id; other providers' ids may be longer or hold other characters. */
const ID = /^[\w.:-]{1,64}$/

/** The same id for a call and its result, as Kiro takes it. */
function wireId(id: string): string {
  return ID.test(id) ? id : `call_${createHash('sha256').update(id).digest('hex').slice(0, 32)}`
}

/**
 * Puts results in the order of the calls, right after which Kiro wants all of them.
 *
 * @throws {ChatError} 400 where a call has no result or a result no call (Kiro's TOOL_USE_RESULT_MISMATCH).
 */
function pairCalls(turns: Turn[]): void {
  const none: AssistantTurn = { role: 'assistant', texts: [], calls: [], reasoning: [] }
  let before = none
  for (const turn of turns) {
    if (turn.role === 'assistant') {
      before = turn
      continue
    }
    const results = new Map(turn.results.map((result) => [result.toolUseId, result]))
    if (results.size < turn.results.length) throw mismatch('a tool call has two results')
    turn.results = before.calls.map(({ toolUseId }) => {
      const result = results.get(toolUseId)
      if (!result) throw mismatch(`the tool call ${toolUseId} has no result`)
      results.delete(toolUseId)
      return result
    })
    const [stray] = results.keys()
    if (stray !== undefined) throw mismatch(`the result of ${stray} follows no such tool call`)
    before = none
  }
  const [open] = before.calls
  if (open) throw mismatch(`the tool call ${open.toolUseId} has no result`)
}

function mismatch(what: string): Error {
  return invalidRequest(`Every tool call needs its result in the messages right after it: ${what}.`, 'messages')
}
