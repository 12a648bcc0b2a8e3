import { apiKey, definePlugin, fetchModelList, invalidRequest, jsonOf, readOpenAIModels, tokenOf } from '../../index.ts'
import type { Executor, ExecutorContext, ProviderPlugin, Translator } from '../../index.ts'
import { audioAsForm, imagesAsForm, withEffortTaken, writtenForm } from '../../kit.ts'
import { serverAt } from './servers.ts'
import { translatorOf } from './translator.ts'
import type { Endpoint } from './translator.ts'

/** The provider `name` of config. Requests of OpenAI clients pass through as they are; for others see translator.ts. */
export function openaiCompatible(name: string): ProviderPlugin {
  /** By the settings of a provider, for as long as those are in use: each request asks, and most pass through. */
  const known = new WeakMap<object, { endpoint: Endpoint; passing: Translator }>()
  const knownOf = (config: Settings['config']) => {
    const found = known.get(config)
    if (found) return found
    const endpoint: Endpoint = { name, server: serverAt(config.base_url), extensions: config.extensions }
    const made = { endpoint, passing: translatorOf(endpoint, undefined) }
    known.set(config, made)
    return made
  }
  const post =
    (path: string): Executor =>
    async (context) => {
      const { request, fetch } = context
      const send = (body: Executed['body']) =>
        fetch(`${baseOf(context)}/${path}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...authorization(context) },
          body: jsonOf(request, body),
        })
      return request.chat ? await withEffortTaken(context, request.body, send) : await send(request.body)
    }
  return definePlugin({
    name,
    models: [],
    auth: [apiKey({ optional: true })],
    translator({ config, chat, info }) {
      const { endpoint, passing } = knownOf(config)
      return chat ? translatorOf({ ...endpoint, info }, chat) : passing
    },
    executor: post('chat/completions'),
    endpoints: {
      embeddings: post('embeddings'),
      completions: post('completions'),
      'images/generations': post('images/generations'),
      'images/edits': asForm('images/edits', imagesAsForm),
      'audio/transcriptions': asForm('audio/transcriptions', audioAsForm),
      'audio/translations': asForm('audio/translations', audioAsForm),
      'audio/speech': post('audio/speech'),
      moderations: post('moderations'),
    },
    listModels: async (context) => {
      const url = `${baseOf(context)}/models`
      return readOpenAIModels(
        await fetchModelList(context, {
          url,
          headers: authorization(context),
          translator: knownOf(context.config).passing,
        }),
      )
    },
  })
}

/** As a form, which OpenAI's clients send edits of images in (openai-node src/resources/images.ts, `edit`); few servers take JSON. */
const asForm =
  (path: string, formOf: (body: Executed['body']) => FormData): Executor =>
  async (context) => {
    const { type, bytes } = await writtenForm(formOf(context.request.body))
    return await context.fetch(`${baseOf(context)}/${path}`, {
      method: 'POST',
      headers: { 'content-type': type, ...authorization(context) },
      body: bytes,
    })
  }

type Executed = ExecutorContext['request']
type Settings = Pick<ExecutorContext, 'provider' | 'credential' | 'config'>

function baseOf({ provider, credential, config }: Settings): string {
  const base = (credential.kind === 'api_key' ? credential.baseUrl : undefined) ?? config.base_url
  if (base === undefined) throw invalidRequest(`Set providers.${provider}.base_url.`)
  return base
}

/** Local servers need no key; an empty one stands for none. */
function authorization({ credential }: Settings): Record<string, string> {
  const key = tokenOf(credential).reveal()
  return key === '' ? {} : { authorization: `Bearer ${key}` }
}
