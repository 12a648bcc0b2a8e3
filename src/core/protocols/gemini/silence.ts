/** `google-genai-sdk/1.32.0 gl-node/v20.20.2`: the first version that reads past what is no event (`dataPrefix` in its stream reader). */
const READS_COMMENTS = /google-genai-sdk\/(?:1\.(?:3[2-9]|[4-9]\d|\d{3,})|[2-9]|\d{2,})\S* gl-node/

/**
 * A message without a word. It has a part, since chats of Google's SDKs for Python forget a turn with a message that has none
 * (googleapis/python-genai google/genai/chats.py, `_validate_response`).
 */
const NO_WORD = `data: ${JSON.stringify({ candidates: [{ content: { parts: [{ text: '' }], role: 'model' }, index: 0 }] })}\r\n\r\n`

/**
 * What is sent while a provider is silent to a client of this `x-goog-api-client`, by which Google's SDKs name themselves. They read streams
 * each in its own way, and comments most of them do not know: those for Python and Go fail (googleapis/python-genai
 * google/genai/_api_client.py, `_iter_response_stream`; googleapis/go-genai api_client.go, `iterateResponseStream`), and those for JavaScript
 * find no event after one (`responseLineRE` in npm's @google/generative-ai, by which LangChain.js asks, @firebase/ai, and @google/genai up
 * to 1.31).
 *
 * @returns `undefined` for whom a comment will do.
 */
export function keepAliveFor(client: string | null): string | undefined {
  return client === null || READS_COMMENTS.test(client) ? undefined : NO_WORD
}
