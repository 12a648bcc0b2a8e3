import type { ModelInfo } from '../plugin/plugin.ts'
import type { Folder } from './folders.ts'

/** What a tool's settings are made of. */
export interface SetupContext {
  /** byok's address without a path, such as `http://localhost:8018`. */
  origin: string
  /** What the tool sends as its key: one of `server.keys`, or any word where none is needed. */
  key: string
  model: string
  /** Whether somebody asked for that model; else it is byok's choice. */
  modelGiven: boolean
  /** What is known of it; of one that several serve, by the first. */
  info?: ModelInfo
  /** Whether Anthropic answers for it, and no other vendor that offers its models. */
  byAnthropic?: boolean
  /** Whether Google's own API answers for it, which has every model that Gemini CLI asks for. */
  byGoogle?: boolean
  /** Why this byok would refuse it, where it would. */
  unknown?: string
}

/** A file of a tool's and what byok has to say in it. */
export interface SettingsFile {
  /** From the home directory, with `/`. */
  path: string
  /** Its folder where the tool lets that be moved. */
  folder?: Folder
  /**
   * The file with byok's settings in it; what else is there stays.
   * @param text The file as it is; empty where there is none.
   * @throws {UnreadableSettings} where it is not in the form it should be, so that it is left alone.
   */
  edit(text: string, context: SetupContext): string
  /**
   * The file without byok's settings, where it was written to since; without this, it can only be put back as a whole.
   * @param written The file as byok left it.
   * @param before As it was before that.
   * @throws {UnreadableSettings} as `edit` does.
   */
  takeOut?: TakeOut
}

export type TakeOut = (now: string, written: string, before: string) => string

export interface Tool {
  /** As in `byok setup <name>`. */
  name: string
  title: string
  files: SettingsFile[]
  /** What is left to do by hand, or all there is to do for a tool without a file of settings. */
  notes(context: SetupContext): string[]
}

/** A file that byok will not touch. */
export class UnreadableSettings extends Error {
  override readonly name = 'UnreadableSettings'
}
