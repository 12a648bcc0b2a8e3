import type { ConformanceOptions, Traits } from '../../src/testing/index.ts'
import antigravity from '../../src/plugins/antigravity/index.ts'
import claude from '../../src/plugins/claude/index.ts'
import codex from '../../src/plugins/codex/index.ts'
import copilot from '../../src/plugins/copilot/index.ts'
import gemini from '../../src/plugins/gemini/index.ts'
import iflow from '../../src/plugins/iflow/index.ts'
import kimi from '../../src/plugins/kimi/index.ts'
import kiro from '../../src/plugins/kiro/index.ts'
import openaiCompatible from '../../src/plugins/openai-compatible/index.ts'
import qwen from '../../src/plugins/qwen/index.ts'
import { startAnthropic } from '../upstreams/anthropic.ts'
import { startAntigravity } from '../upstreams/antigravity.ts'
import { startChatGpt } from '../upstreams/chatgpt.ts'
import { startCodeAssist } from '../upstreams/code-assist.ts'
import { startCopilot } from '../upstreams/copilot.ts'
import { startGemini } from '../upstreams/gemini.ts'
import { startIFlow } from '../upstreams/iflow.ts'
import { startKimi } from '../upstreams/kimi.ts'
import { KIRO_PROFILE, startKiro } from '../upstreams/kiro.ts'
import { startOpenAIChat } from '../upstreams/openai-chat.ts'
import { startOpenAIResponses } from '../upstreams/openai-responses.ts'
import { startQwen } from '../upstreams/qwen.ts'

/** A column of the table: one provider over one of its wires. */
export interface Target extends ConformanceOptions {
  /** What people call it. */
  title: string
  /** How it is signed in to. */
  credential: 'key' | 'login'
  /** What is asked, where the provider has several wires. */
  wire?: string
}

const COPILOT = 'tid=fake;exp=1'

const claudeTraits: Traits = { reasoning: 'signed', errors: { overloaded: { status: 529 } } }

const kiroCannot = {
  'required-tool': /`tool_choice: "required"`/,
  'named-tool': /`tool_choice` that names a tool/,
  'json-schema': /`response_format` of type `json_schema`/,
}
const kiroTraits: Traits = {
  ownStops: true,
  reasoning: 'signed',
  noLimit: true,
  errors: { too_large: { status: 400, code: 'context_length_exceeded' } },
}

const copilotLogin = {
  title: 'Copilot',
  credential: 'login',
  plugin: copilot,
  start: () => startCopilot(),
  settings: () => ({}),
  login: ({ url }) => ({ token: COPILOT, metadata: { endpoint: url } }),
} satisfies Partial<Target>

const antigravityLogin = {
  title: 'Antigravity',
  credential: 'login',
  plugin: antigravity,
  start: () => startAntigravity(),
  settings: ({ url }) => ({ oauth_base_url: url }),
  login: () => ({ token: 'test-token', metadata: { project_id: 'test-project' } }),
  traits: { reasoning: 'signed' },
} satisfies Partial<Target>

/** Every provider, with both kinds of credential, over each of its wires. */
export const targets: Target[] = [
  {
    title: 'Claude',
    credential: 'key',
    plugin: claude,
    model: 'claude-sonnet-4-6',
    start: () => startAnthropic(),
    settings: ({ url }) => ({ api_key: 'sk-ant-test', base_url: url }),
    traits: claudeTraits,
  },
  {
    title: 'Claude',
    credential: 'login',
    plugin: claude,
    model: 'claude-sonnet-4-6',
    start: () => startAnthropic(),
    settings: ({ url }) => ({ oauth_base_url: url }),
    login: () => ({ token: 'sk-ant-oat01-test' }),
    traits: claudeTraits,
  },
  {
    title: 'OpenAI',
    credential: 'key',
    wire: 'chat',
    plugin: codex,
    model: 'gpt-5.2',
    start: () => startOpenAIChat(),
    settings: ({ url }) => ({ api_key: 'sk-test', base_url: url }),
    traits: { ownStops: true },
  },
  {
    title: 'OpenAI',
    credential: 'key',
    wire: 'responses',
    plugin: codex,
    model: 'gpt-5.3-codex',
    start: () => startOpenAIResponses(),
    settings: ({ url }) => ({ api_key: 'sk-test', base_url: url }),
    traits: { ownStops: true, reasoning: 'sealed' },
  },
  {
    title: 'OpenAI',
    credential: 'login',
    plugin: codex,
    model: 'gpt-6-sol',
    start: () => startChatGpt(),
    settings: ({ url }) => ({ oauth_base_url: url }),
    login: () => ({ token: 'at-test', metadata: { account_id: 'acct-test' } }),
    // A plan that is used up comes back with time, so it is a rate limit.
    traits: {
      ownStops: true,
      reasoning: 'sealed',
      noLimit: true,
      errors: { quota: { status: 429, code: 'usage_limit_reached' } },
    },
  },
  { ...copilotLogin, wire: 'GPT by chat', model: 'gpt-4.1', traits: { ownStops: true } },
  {
    ...copilotLogin,
    wire: 'Claude by chat',
    model: 'claude-sonnet-4.6',
    // What else Claude is asked by, the list tells.
    lists: false,
    traits: { ownStops: true },
  },
  { ...copilotLogin, wire: 'GPT by responses', model: 'gpt-5.5', traits: { ownStops: true, reasoning: 'sealed' } },
  { ...copilotLogin, wire: 'Claude by messages', model: 'claude-sonnet-4.6', traits: { reasoning: 'signed' } },
  {
    title: 'Gemini',
    credential: 'key',
    plugin: gemini,
    model: 'gemini-3.1-pro-preview',
    start: () => startGemini(),
    settings: ({ url }) => ({ api_key: 'test-key', base_url: url }),
    traits: { reasoning: 'signed' },
  },
  {
    title: 'Gemini',
    credential: 'login',
    plugin: gemini,
    model: 'gemini-3.1-pro-preview',
    start: () => startCodeAssist(),
    settings: ({ url }) => ({ oauth_base_url: url }),
    login: () => ({ token: 'test-token', metadata: { project_id: 'test-project' } }),
    traits: { reasoning: 'signed' },
  },
  { ...antigravityLogin, wire: 'Gemini models', model: 'gemini-3-flash' },
  { ...antigravityLogin, wire: 'Claude models', model: 'claude-sonnet-4-6' },
  {
    title: 'Kiro',
    credential: 'key',
    plugin: kiro,
    model: 'claude-opus-4.6',
    start: () => startKiro(),
    settings: ({ url }) => ({ api_key: 'ksk_test', base_url: url }),
    unsupported: kiroCannot,
    traits: kiroTraits,
  },
  {
    title: 'Kiro',
    credential: 'login',
    plugin: kiro,
    model: 'claude-opus-4.6',
    start: () => startKiro(),
    settings: ({ url }) => ({ oauth_base_url: url }),
    login: () => ({ token: 'kiro-token', metadata: { profile_arn: KIRO_PROFILE, region: 'us-east-1' } }),
    unsupported: kiroCannot,
    traits: kiroTraits,
  },
  {
    title: 'Qwen',
    credential: 'key',
    plugin: qwen,
    model: 'qwen3.7-plus',
    start: () => startQwen(),
    settings: ({ url }) => ({ api_key: 'sk-qwen-test', base_url: url }),
    traits: { reasoning: 'plain' },
  },
  {
    title: 'Qwen',
    credential: 'login',
    plugin: qwen,
    model: 'coder-model',
    start: () => startQwen({ key: 'jwt', portal: true }),
    settings: ({ url }) => ({ oauth_base_url: url }),
    login: () => ({ token: 'jwt' }),
    traits: { reasoning: 'plain' },
  },
  {
    title: 'Kimi',
    credential: 'key',
    plugin: kimi,
    model: 'kimi-for-coding',
    start: () => startKimi(),
    settings: ({ url }) => ({ api_key: 'sk-kimi-test', base_url: url }),
    traits: { reasoning: 'plain' },
  },
  {
    title: 'Kimi',
    credential: 'login',
    plugin: kimi,
    model: 'kimi-for-coding',
    start: () => startKimi({ key: 'jwt', login: true }),
    settings: ({ url }) => ({ oauth_base_url: url }),
    login: () => ({ token: 'jwt', metadata: { device_id: 'device-1' } }),
    traits: { reasoning: 'plain' },
  },
  {
    title: 'iFlow',
    credential: 'key',
    plugin: iflow,
    model: 'glm-4.7',
    start: () => startIFlow(),
    settings: ({ url }) => ({ api_key: 'sk-iflow-test', base_url: url }),
    traits: { reasoning: 'plain', noRetryAfter: true },
  },
  {
    title: 'iFlow',
    credential: 'login',
    plugin: iflow,
    model: 'glm-4.7',
    start: () => startIFlow({ key: 'sk-of-login' }),
    settings: ({ url }) => ({ oauth_base_url: url }),
    login: () => ({ token: 'sk-of-login' }),
    traits: { reasoning: 'plain', noRetryAfter: true },
  },
  {
    title: 'openai-compatible',
    credential: 'key',
    plugin: openaiCompatible,
    name: 'local',
    model: 'local/some-model',
    start: () => startOpenAIChat(),
    settings: ({ url }) => ({ type: 'openai-compatible', api_key: 'sk-test', base_url: url }),
  },
]

/** What a target is called, in tests and in the table. */
export function nameOf({ title, credential, wire }: Target): string {
  return [title, credential, ...(wire === undefined ? [] : [wire])].join(', ')
}
