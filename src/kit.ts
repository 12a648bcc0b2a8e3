/**
 * What byok's own providers are made with, besides the public API of `byok`: readers of answers, of logins and of other tools' files, and
 * what makes a request of one vendor's fit for another. A plugin of yours may use all of it; the built-in ones use nothing else.
 *
 * @module
 */

// Answers of the outside, of which nothing is known yet.
export { isObject, listOf, objects, parseJson } from './core/json/json.ts'
export type { JsonObject } from './core/json/json.ts'
export { writtenJson } from './core/json/written-json.ts'
export { readJson } from './core/upstream/body.ts'
export { badAnswer, errorOfResponse } from './core/upstream/error.ts'
export type { ErrorContext } from './core/upstream/error.ts'

// Logins.
export { ask, askFor, errorCodeOf, refusal } from './core/auth/request.ts'
export type { AuthAnswer, AuthRequest } from './core/auth/request.ts'
export { FINAL_STATUSES, refreshTokenOf } from './core/auth/client.ts'
export type { ClientFacts } from './core/auth/client.ts'
export { DEVICE_GRANT, isWebAddress, pollForTokens } from './core/auth/device-code.ts'
export { readTokens, renewed } from './core/auth/tokens.ts'
export { claimsOf, expiryOf } from './core/auth/jwt.ts'
export { allOf, dateOf, endOf, knownFacts, textOf } from './core/auth/facts.ts'
export {
  codeAssistAccount,
  GOOGLE_AUTH_URL,
  GOOGLE_TOKEN_URL,
  googleAuthParameters,
  googleIdentity,
} from './core/auth/google.ts'
export type { CodeAssistClient } from './core/auth/code-assist.ts'

// The logins that other tools keep.
export { folderOf, objectOf, readOthersFile, readOthersJson, tokensOf, xdgFolder } from './core/auth/facts.ts'
export { readOthersDatabase } from './core/auth/others-database.ts'

// OpenAI's images and recordings, as forms.
export { audioAsForm } from './core/protocols/openai-audio/form.ts'
export { imagesAsForm } from './core/protocols/openai-images/form.ts'
export { writtenForm } from './core/upstream/written-form.ts'

// Translators: what a vendor's format cannot say, said in another way or refused.
export { withoutEmptyPages } from './core/translator/read-pages.ts'
export { withOwnStops } from './core/translator/own-stops.ts'
export { withEffortTaken } from './core/upstream/effort-taken.ts'
export { refusalText } from './core/upstream/refusal-text.ts'
export { Learnt } from './core/upstream/learnt.ts'
export type { Refused } from './core/upstream/learnt.ts'
export { secondTry } from './core/upstream/second-try.ts'
export { sseFrames } from './core/frames/sse.ts'
export { lineFrames } from './core/frames/line-frames.ts'
export { EVENT_STREAM_EXCEPTION, eventStreamFrames } from './core/frames/event-stream.ts'
export { withFreeText } from './core/translator/free-text.ts'
export { withToolNames } from './core/translator/tool-names.ts'
export {
  callInput,
  decodeText,
  expectsCache,
  imageTypeOf,
  isSystem,
  isTextType,
  maxOutputTokens,
  refuseSealed,
  textOfEvent,
  withoutBillingLine,
  withoutForeignExtra,
  withoutForeignOffers,
  withResultsInPlace,
  withSoundsInWords,
} from './core/chat/index.ts'

export { changeSchemas } from './core/protocols/schema/change.ts'
export { schemaAt, stepsOf } from './core/protocols/schema/reference.ts'
export { withPropertyNames } from './core/protocols/schema/property-names.ts'
export type { PropertyNames } from './core/protocols/schema/property-names.ts'
export { objectAtRoot, openAIParameters } from './core/protocols/schema/parameters.ts'

// Which conversation a request belongs to.
export { conversationOf } from './core/routing/conversation.ts'
export type { Conversation } from './core/routing/conversation.ts'

// How many tokens a request has, as near as byok can tell.
export { estimateText, estimateTokens, TextEstimate } from './core/tokens/estimate.ts'

// For ids of a plugin's own making.
export { randomHex } from './core/text/random-hex.ts'

// The four formats of chats: what those who speak them differ in.
export { alwaysReasons, withLeastReasoning } from './core/protocols/openai-chat/always-reasons.ts'
export { mostOpenAIStops } from './core/protocols/openai-chat/most-stops.ts'
export { withNewestLimit } from './core/protocols/openai-chat/newest-limit.ts'
export { withoutEchoes } from './core/protocols/openai-chat/echoed.ts'
export { CACHE_MARK, isCacheMarked } from './core/protocols/cache-control.ts'
export { effortOf } from './core/protocols/openai-chat/effort.ts'
export { readError as readOpenAIError } from './core/protocols/openai-chat/read-error.ts'
export { belongsToResponses, withoutReasoningTools } from './core/protocols/openai-chat/reasoning-tools.ts'
export type { OpenAIChatExtension } from './core/protocols/openai-chat/index.ts'
export {
  encryptedToo,
  tellItem,
  withoutForeignItems,
  withoutItemIds,
  withReasoningTaken,
  withTakenItemIds,
} from './core/protocols/openai-responses/index.ts'
export { anthropicToolId, claudeTraitsOf, withoutForeignBlocks } from './core/protocols/anthropic-messages/index.ts'
export { isWebSearch, withWebSearch } from './core/protocols/web-search.ts'
export type { Found, Search, SearchTool } from './core/protocols/web-search.ts'
export type { FoundPage } from './core/protocols/found-page.ts'
export { anthropicSearch } from './core/protocols/anthropic-messages/web-search.ts'
export { openaiSearch } from './core/protocols/openai-responses/web-search.ts'
export { googleSearch } from './core/protocols/gemini/web-search.ts'
export { withCachedMessages, withCachedSystem } from './core/protocols/anthropic-messages/breakpoints.ts'
export { withoutForeignProofs } from './core/protocols/gemini/index.ts'
export type { GeminiProofs } from './core/protocols/gemini/index.ts'
