import type { ChatEvent } from '../../chat/index.ts'
import { parseJson } from '../json.ts'

/** A tool call whose block is being written, or will be. */
export interface OpenCall {
  id: string
  name: string
  custom: boolean
  /** All its arguments so far. */
  json: string
  /** How many of them are written. */
  written: number
  /** How many of them there were when they were last tried, and found to be no whole value. */
  tried: number
  /** Whether its block is closed. */
  closed: boolean
}

export function openCall({ id, name, kind }: Extract<ChatEvent, { type: 'tool-call' }>): OpenCall {
  return { id, name, custom: kind === 'custom', json: '', written: 0, tried: 0, closed: false }
}

/** Whether a call's arguments are whole, so that something else may follow. Free text may always go on. */
export function isWhole(call: OpenCall): boolean {
  if (call.custom || call.tried === call.json.length) return false
  if (parseJson(call.json) !== undefined) return true
  call.tried = call.json.length
  return false
}
