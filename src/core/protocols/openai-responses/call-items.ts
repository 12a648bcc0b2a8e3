import type { ChatTool } from '../../chat/index.ts'
import type { JsonObject } from '../json.ts'
import { encryptingTools, plainFacts } from './agent-message.ts'
import { newId } from './items.ts'
import type { ItemStatus } from './items.ts'
import { namespacedNames } from './namespace.ts'
import { factsOfCall } from './own-facts.ts'

export interface CallFacts {
  id: string
  callId: string
  kind: 'function' | 'custom'
  name: string
}

/** A call with an id of byok's own. */
export function newCall(callId: string, { kind, name }: Pick<CallFacts, 'kind' | 'name'>): CallFacts {
  return { id: newId(kind === 'custom' ? 'ctc' : 'fc'), callId, kind, name }
}

/** Writes the calls of one answer, by the names that the client has for its tools. */
export class CallItems {
  readonly #names: ReturnType<typeof namespacedNames>
  readonly #encrypting: ReturnType<typeof encryptingTools>

  constructor(tools: readonly ChatTool[] | undefined) {
    this.#names = namespacedNames(tools)
    this.#encrypting = encryptingTools(tools)
  }

  /** @param own What the answer says of its calls so far (`own-facts.ts`). */
  begun(call: CallFacts, own: JsonObject): JsonObject {
    return this.#item(call, '', 'in_progress', factsOfCall(own, call.callId))
  }

  /** @param text All that the call says. */
  ended(call: CallFacts, text: string, status: ItemStatus, own: JsonObject): JsonObject {
    const plain = plainFacts(call.name, text, this.#encrypting)
    return this.#item(call, text, status, { ...plain, ...factsOfCall(own, call.callId) })
  }

  #item({ id, callId, kind, name }: CallFacts, text: string, status: ItemStatus, facts: JsonObject): JsonObject {
    const own = this.#names.get(name) ?? { name }
    return kind === 'custom'
      ? { id, type: 'custom_tool_call', status, call_id: callId, input: text, ...own, ...facts }
      : { id, type: 'function_call', status, arguments: text, call_id: callId, ...own, ...facts }
  }
}
