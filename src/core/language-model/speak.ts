import type { SpeechModelV3, SpeechModelV3CallOptions } from '@ai-sdk/provider'
import type { ExchangeContext } from '../exchange/exchange.ts'
import { audioProtocol } from '../protocols/openai-audio/index.ts'
import { askForAudio } from '../routes/audio.ts'
import { speechFields } from './options.ts'
import { plainCall } from './plain-call.ts'
import { headersOf, providerMetadataOf, unread } from './result.ts'

/** What `SpeechModelV3.doGenerate` resolves with; its type has no name of its own. */
type Spoken = Awaited<ReturnType<SpeechModelV3['doGenerate']>>

/** A call for speech, as `POST /v1/audio/speech` asks for it. */
export function speak(
  context: ExchangeContext,
  model: string,
  { text, voice, outputFormat, instructions, speed, language, providerOptions, ...call }: SpeechModelV3CallOptions,
): Promise<Spoken> {
  return plainCall(context, { ...call, name: 'speak', protocol: audioProtocol.name, model }, async (asking, signal) => {
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
    const answer = await askForAudio(context, 'audio/speech', { ...asking, body }, signal)
    const { info } = asking
    return {
      audio: new Uint8Array(await answer.arrayBuffer()),
      warnings: unread('language', language),
      providerMetadata: providerMetadataOf(info),
      response: { timestamp: new Date(), modelId: model, headers: headersOf(info) },
    }
  })
}
