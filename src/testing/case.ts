import type OpenAI from 'openai'
import type { Answer } from './answer.ts'
import type { FakeProvider } from './fake-server.ts'
import type { Script, ScriptFailure } from './script.ts'

/** One row of the conformance table. */
export interface ConformanceCase {
  /** Such as `tool-call`. */
  id: string
  /** What the documentation calls it. */
  title: string
  /** How it is asked. Default: both ways. */
  ways?: readonly Way[]
  /** The provider fails in it, which byok may remember: what follows gets a byok of its own. */
  spoils?: boolean
  /** Fails by throwing. */
  run(context: CaseContext): Promise<void>
}

export type Way = 'whole' | 'stream'

/** A chat completion's body, without what the runner adds: the model and whether to stream. */
export type Body = Omit<OpenAI.ChatCompletionCreateParams, 'model' | 'stream' | 'stream_options'>
export type Message = OpenAI.ChatCompletionMessageParam

/** What a case has to work with. */
export interface CaseContext {
  fake: FakeProvider
  client: OpenAI
  model: string
  streaming: boolean
  traits: Traits
  /** Lets the fake say `script` to a request of `body`, and reads the answer as the client has it. */
  ask(script: Script, body: Body): Promise<Answer>
  /** Asks without telling the fake what to say. */
  send(body: Body): Promise<Answer>
  /** The last chat request that reached the fake, as text. */
  sent(): string
}

/** How a provider's wire differs where no answer is wrong. */
export interface Traits {
  /**
   * What becomes of the model's reasoning. `signed`: shown, and sent back with its proof. `sealed`: not shown, and its proof is
   * sent back. `plain`: shown, and sent back. `hidden`: the wire does not have it. Default: `hidden`.
   */
  reasoning?: 'signed' | 'sealed' | 'plain' | 'hidden'
  /** The wire has no limit on output, and byok leaves it out. */
  noLimit?: boolean
  /** The wire has no stop sequences, and byok ends answers at them itself. */
  ownStops?: boolean
  /** The wire does not say how long to wait. */
  noRetryAfter?: boolean
  /** The wire does not tell cached tokens apart. */
  noCachedTokens?: boolean
  /** Statuses and codes that are not as OpenAI's, where the vendor's own word says less or more. */
  errors?: Partial<Record<ScriptFailure['kind'], ExpectedError>>
}

/** An error as the client should see it. */
export interface ExpectedError {
  status: number
  /** Not checked where it is left out. */
  code?: string
  /** OpenAI's `error.type`. Not checked where it is left out. */
  type?: string
}
