/**
 * byok's public API. What is not exported here, from `byok/kit`, `byok/adapters/*` or from `byok/plugins/*` may change without notice.
 *
 * @module
 */
import type { Byok, ByokOptions } from './core/byok.ts'
import type { TokenStore, TokenStoreOptions } from './core/store/index.ts'

/**
 * Makes a byok with the built-in providers.
 *
 * ```ts
 * const byok = await createByok({ providers: { claude: { api_key: '…' } } })
 * const response = await byok.fetch(new Request('http://byok/v1/models'))
 * await byok.close()
 * ```
 *
 * @throws {ConfigError} naming file, line and key.
 * @throws {PluginError} naming the plugin.
 */
export async function createByok(options?: ByokOptions): Promise<Byok> {
  // Loaded here, because who imports byok need not make one, or not yet.
  const [{ builtins }, { createByokWith }] = await Promise.all([
    import('./builtins.ts'),
    import('./core/start/create-byok.ts'),
  ])
  return await createByokWith(builtins, options)
}

/**
 * Opens a store of logins: in an SQLite file, or in a database that your program opened.
 *
 * @throws {StoreError}
 */
export async function openTokenStore(options: TokenStoreOptions): Promise<TokenStore> {
  const store = await import('./core/store/open.ts')
  return await store.openTokenStore(options)
}

export type { Byok, ByokOptions } from './core/byok.ts'
export { baseUrlOf, tokenOf } from './core/auth/credential.ts'
export type { ApiKeyCredential, Credential, OAuthCredential } from './core/auth/credential.ts'
export { apiKey } from './core/auth/method.ts'
export type { ApiKeyMethod, AuthMethod, OAuthMethod } from './core/auth/method.ts'
export { authCode, pkce } from './core/auth/authorization-code.ts'
export type { AuthorizationCodeOptions } from './core/auth/authorization-code.ts'
export { deviceCode } from './core/auth/device-code.ts'
export type { DeviceCodeOptions } from './core/auth/device-code.ts'
export { AuthError } from './core/auth/error.ts'
export type {
  AuthContext,
  DevicePrompt,
  Existing,
  ImportContext,
  Login,
  LoginContext,
  LoginUi,
  RefreshContext,
  Refreshed,
} from './core/auth/context.ts'
export type { Session } from './core/auth/client.ts'
export type { TokenAnswer } from './core/auth/tokens.ts'
export { AnswerBuilder, ChatError, invalidRequest, unsupported } from './core/chat/index.ts'
export type {
  AssistantMessage,
  AssistantPart,
  AudioPart,
  CacheControl,
  ChatAnswer,
  ChatChoice,
  ChatErrorOptions,
  ChatErrorType,
  ChatEvent,
  ChatMessage,
  ChatRequest,
  ChatTool,
  CustomTool,
  Extra,
  FilePart,
  FinishReason,
  FunctionTool,
  ImagePart,
  JsonSchema,
  LogProbs,
  MediaSource,
  ProviderTool,
  ReasoningEffort,
  ReasoningFormat,
  ReasoningOptions,
  ReasoningPart,
  RefusalPart,
  ResponseFormat,
  SystemMessage,
  TextPart,
  ToolCallPart,
  ToolChoice,
  ToolMessage,
  ToolResultPart,
  Usage,
  UserMessage,
  UserPart,
} from './core/chat/index.ts'
export { configJsonSchema } from './core/config/json-schema.ts'
export { ConfigError } from './core/config/problem.ts'
export type { Config, ConfigInput, ConfigProblem, ProviderConfig } from './core/config/index.ts'
export type { HookTimes } from './core/plugin/hook-watch.ts'
export { HookError } from './core/hooks.ts'
export type { ByokHooks, Hooks, LoginChange, RequestInfo, Stopping } from './core/hooks.ts'
export type { CallOptions } from './core/in-process/call.ts'
export type { ChatInput, ChatInputMessage } from './core/in-process/input.ts'
export type { Logger, LogFields } from './core/log/log.ts'
export { fetchModelList, readOpenAIModels } from './core/models/openai-list.ts'
export type { ModelListRequest } from './core/models/openai-list.ts'
export { definePlugin, jsonOf, PLUGIN_API_VERSION } from './core/plugin/plugin.ts'
export { defineCommand } from './core/plugin/parts.ts'
export type {
  OpenStore,
  OpenStoreContext,
  PluginCommand,
  PluginProtocol,
  PluginRoute,
  PluginRouteContext,
} from './core/plugin/parts.ts'
export type { EncodeContext, Protocol, StreamEncoder, StreamTail, UnaskedUsage } from './core/protocols/protocol.ts'
export type {
  CountTokens,
  CountTokensContext,
  Executor,
  ExecutorContext,
  KnownPlugin,
  ListModels,
  ListModelsContext,
  ModelCapabilities,
  ModelInfo,
  PlainEndpoint,
  Plugin,
  ProviderPlugin,
  TranslatorPick,
} from './core/plugin/plugin.ts'
export { anthropicMessages } from './core/protocols/anthropic-messages/index.ts'
export type { AnthropicMessagesOptions } from './core/protocols/anthropic-messages/options.ts'
export { geminiGenerateContent } from './core/protocols/gemini/index.ts'
export type { GeminiOptions } from './core/protocols/gemini/options.ts'
export { openaiChat } from './core/protocols/openai-chat/index.ts'
export type { OpenAIChatOptions } from './core/protocols/openai-chat/options.ts'
export { openaiResponses } from './core/protocols/openai-responses/index.ts'
export type { OpenAIResponsesOptions } from './core/protocols/openai-responses/options.ts'
export { PluginError } from './core/plugin/check.ts'
export type { Reloaded, ReloadOptions } from './core/start/reload.ts'
export type { Provider, Registry, Route } from './core/registry.ts'
export type { RoutingCandidate, RoutingStrategy } from './core/routing/strategy.ts'
export { Secret } from './core/secrets/secret.ts'
export { StoreError } from './core/store/errors.ts'
export { createMemoryTokenStore } from './core/store/memory-store.ts'
export type {
  AccountChanges,
  AccountRecord,
  AccountTokens,
  Lease,
  NewAccount,
  StoreErrorCode,
  TokenStore,
  TokenStoreOptions,
} from './core/store/index.ts'
export type { UpstreamFetch, UpstreamRequestInit, UpstreamResponse } from './core/upstream/fetch.ts'
export type { EventDecoder, Frame, FrameDecoder, Translator, UpstreamErrorInfo } from './core/translator/translator.ts'
export { version } from './core/version.ts'
