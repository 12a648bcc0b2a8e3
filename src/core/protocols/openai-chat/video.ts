import type { FilePart, MediaSource } from '../../chat/index.ts'
import { dataUrl, parseDataUrl } from './data-url.ts'

/*
 * Videos, of which OpenAI has no part: `{ type: 'video_url', video_url: { url } }`, as Moonshot has it, DashScope, OpenRouter, vLLM and
 * others. In the neutral model they are files, as Gemini has them.
 *
 * https://platform.kimi.ai/docs/guide/use-kimi-vision-model (`ms://…` is a file that Moonshot holds), QwenLM/qwen-code
 * packages/core/src/core/openaiContentGenerator/converter.ts, openrouter.ai/docs/features/multimodal/videos.
 */

const EXTENSION = /\.(?:mp4|m4v|mpe?g|mov|avi|flv|mkv|webm|wmv|3gpp?)$/i

/** What the URL of a video leads to; `undefined` where it is none. */
export function videoAt(url: string): MediaSource | undefined {
  const data = parseDataUrl(url)
  if (data) return { type: 'base64', ...data }
  return /^[a-z][a-z\d+.-]*:\/\//i.test(url) ? { type: 'url', url } : undefined
}

/** What a video at a URL is called that does not tell its kind. */
export function nameOfVideo(source: MediaSource): string | undefined {
  return isVideo({ source }) ? undefined : 'video.mp4'
}

export function isVideo({ source, filename = '' }: Pick<FilePart, 'source' | 'filename'>): boolean {
  if (source.type === 'base64') return /^video\//i.test(source.mediaType)
  if (source.type !== 'url') return false
  const [path = ''] = source.url.split(/[?#]/)
  return EXTENSION.test(path) || EXTENSION.test(filename)
}

/** The URL of a video; `undefined` of one that has none. */
export function urlOfVideo(source: MediaSource): string | undefined {
  if (source.type === 'base64') return dataUrl(source.mediaType, source.data)
  return source.type === 'url' ? source.url : undefined
}
