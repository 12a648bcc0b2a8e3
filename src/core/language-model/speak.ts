import type { SpeechModelV3, SpeechModelV3CallOptions } from '@ai-sdk/provider'
import type { ExchangeContext } from '../exchange/exchange.ts'
import { newInfo } from '../exchange/info.ts'
import { failure } from '../in-process/call.ts'
import { audioProtocol } from '../protocols/openai-audio/index.ts'
import { askForAudio } from '../routes/audio.ts'
import { asCallError } from './error.ts'
import { speechFields } from './options.ts'
import { givenHeaders } from './request.ts'
import { headersOf, providerMetadataOf, unread } from './result.ts'

/** What `SpeechModelV3.doGenerate` resolves with; its type has no name of its own. */
type Spoken = Awaited<ReturnType<SpeechModelV3['doGenerate']>>

/** A call for speech, as `POST /v1/audio/speech` asks for it. */
export async function speak(
  context: ExchangeContext,
  model: string,
  options: SpeechModelV3CallOptions,
): Promise<Spoken> {
  const { text, voice, outputFormat, instructions, speed, language, providerOptions, headers, abortSignal } = options
  const info = newInfo('CALL', 'speak')
  info.protocol = audioProtocol.name
  const signal = abortSignal ?? new AbortController().signal
  try {
    const body = {
      model,
      input: text,
      // There must be one; that of @ai-sdk/openai.
      voice: voice ?? 'alloy',
      ...(outputFormat !== undefined && { response_format: outputFormat }),
      ...(instructions !== undefined && { instructions }),
      ...(speed !== undefined && { speed }),
      ...speechFields(providerOptions),
    }
    const asking = { body, headers: new Headers(givenHeaders(headers)), info, toNode: false }
    const answer = await askForAudio(context, 'audio/speech', asking, signal)
    return {
      audio: new Uint8Array(await answer.arrayBuffer()),
      warnings: unread('language', language),
      providerMetadata: providerMetadataOf(info),
      response: { timestamp: new Date(), modelId: model, headers: headersOf(info) },
    }
  } catch (error) {
    throw asCallError(failure(context, error, info, { signal }), model)
  }
}
