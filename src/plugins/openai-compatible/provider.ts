import {
  apiKey,
  definePlugin,
  fetchModelList,
  invalidRequest,
  jsonOf,
  openaiChat,
  readOpenAIModels,
  tokenOf,
} from '../../index.ts'
import type { Executor, ExecutorContext, ProviderPlugin, Translator } from '../../index.ts'
import type { OpenAIChatExtension } from '../../kit.ts'

/**
 * The provider `name` of config.
 *
 * Requests of OpenAI clients pass through as they are. What is translated keeps to what all the common servers take: vLLM,
 * Ollama and LM Studio know `max_tokens`, no tools but functions, no `allowed_tools`, and in the templates of most models no
 * `developer` role and, in Qwen's, no system message but the first ("System message must be at the beginning": crush issue 3050)
 * (https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html, https://docs.ollama.com/api/openai-compatibility).
 */
export function openaiCompatible(name: string): ProviderPlugin {
  const translator = (extensions?: readonly OpenAIChatExtension[]) =>
    openaiChat({
      provider: name,
      maxTokens: 'max_tokens',
      developerRole: 'system',
      systemMessages: 'first',
      freeText: 'functions',
      allowedTools: 'fewer',
      extensions,
    })
  /** By the settings of a provider, for as long as those are in use. */
  const translators = new WeakMap<object, Translator>()
  const translatorFor = (config: Settings['config']): Translator => {
    let known = translators.get(config)
    if (!known) translators.set(config, (known = translator(config.extensions ?? extensionsOf(config.base_url))))
    return known
  }
  const post =
    (path: string): Executor =>
    async (context) => {
      const { request, fetch } = context
      return await fetch(`${baseOf(context)}/${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...authorization(context) },
        body: jsonOf(request),
      })
    }
  return definePlugin({
    name,
    models: [],
    auth: [apiKey({ optional: true })],
    translator: ({ config }) => translatorFor(config),
    executor: post('chat/completions'),
    endpoints: { embeddings: post('embeddings'), completions: post('completions') },
    listModels: async (context) => {
      const url = `${baseOf(context)}/models`
      return readOpenAIModels(
        await fetchModelList(context, { url, headers: authorization(context), translator: translator() }),
      )
    },
  })
}

/**
 * Servers that hold to OpenAI's fields refuse others, breakpoints among them: OpenAI itself, Groq, Mistral. OpenRouter takes these
 * (https://openrouter.ai/docs/features/prompt-caching, /docs/api-reference/parameters, /docs/features/multimodal/pdfs).
 */
function extensionsOf(base: string | undefined): readonly OpenAIChatExtension[] {
  const { hostname } = new URL(base ?? 'http://unknown')
  return hostname === 'openrouter.ai' ? ['cache_control', 'top_k', 'file_url'] : []
}

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
