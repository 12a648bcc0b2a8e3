/**
 * For tests of providers: fake vendors on loopback, and the conformance table every provider of byok's own is held to.
 *
 * The suite needs the `openai` package; nothing else here does.
 *
 * @module
 */
export { conformance } from './conformance.ts'
export type { Conformance, ConformanceOptions, ConformanceTest, Outcome } from './conformance.ts'
export type { HarnessOptions } from './harness.ts'
export type { Answer } from './answer.ts'
export type { Body, CaseContext, ConformanceCase, ExpectedError, Message, Traits, Way } from './case.ts'
export { cases } from './cases/index.ts'
export { DEFAULT_SCRIPT, startFakeProvider, startFakeServer } from './fake-server.ts'
export type {
  Answer as ScriptedAnswer,
  FakeProvider,
  FakeServer,
  Handler,
  RecordedRequest,
  Reply,
} from './fake-server.ts'
export type { Chunking, Script, ScriptFailure, ScriptFinish, ScriptStep, ScriptUsage } from './script.ts'
