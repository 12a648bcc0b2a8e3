import { fetchModelList, openaiChat, readOpenAIModels } from '../../index.ts'
import type { ListModels } from '../../index.ts'
import { apiBase } from './executor.ts'

/**
 * What a key's list holds besides models that chat. Models of a name unknown here are taken to chat, as those of a `base_url` that
 * is not OpenAI's own do.
 *
 * Source: the model types of openai-node, resources/embeddings.d.ts, images.d.ts, moderations.d.ts, audio/speech.d.ts, audio/audio.d.ts,
 * videos.d.ts, completions.d.ts, realtime/realtime.d.ts.
 */
const OTHERS =
  /embedding|moderation|whisper|transcribe|translate|realtime|^dall-e|^(?:gpt|chatgpt)-image|^sora|(?:^|-)tts(?:-|$)|^(?:babbage|davinci)-|-instruct(?:-|$)/

/**
 * Those of them that byok has an endpoint for: the same types. Codex asks for `gpt-image-2` by that name (openai/codex
 * codex-rs/ext/image-generation/src/tool.rs). `gpt-transcribe` is of developers.openai.com/api/docs/models/gpt-transcribe.
 */
export const otherModels = [
  'gpt-image-*',
  'chatgpt-image-*',
  'dall-e-*',
  'text-embedding-3-*',
  'text-embedding-ada-*',
  'whisper-1',
  'gpt-transcribe*',
  'gpt-4o-transcribe*',
  'gpt-4o-mini-transcribe*',
  'tts-1*',
  'gpt-4o-mini-tts*',
  'omni-moderation-*',
  'text-moderation-*',
]

const translator = openaiChat()

/** A key's own list, `GET /models`: ids and dates alone. With a login the built-in list stands. */
export const listModels: ListModels = async (context) => {
  const { credential, config } = context
  if (credential.kind === 'oauth') return []
  const headers = { authorization: `Bearer ${credential.key.reveal()}` }
  const url = `${apiBase(credential, config)}/models`
  const models = readOpenAIModels(await fetchModelList(context, { url, headers, translator }))
  return models.filter(({ id }) => !OTHERS.test(id))
}
