import { apiKey, baseUrlOf, ChatError, definePlugin, unsupported } from 'byok'
import type { ChatEvent, ChatMessage, ChatRequest, Translator } from 'byok'
import { isObject, lineFrames, maxOutputTokens, parseJson } from 'byok/kit'

/*
 * A provider whose wire is its own: Ollama's `/api/chat`, as lines of JSON. Texts alone: what else there is in a chat is refused by name.
 *
 * Source: ollama/ollama, docs/api.md, "Generate a chat completion"; docs/api/streaming.mdx and docs/api/errors.mdx.
 */

/** byok only asks for streams where a translator has no `answer`, and collects them. */
const translator: Translator = {
  format: 'ollama-chat',
  request: (chat) => ({
    model: chat.model,
    messages: chat.messages.map((message) => ({ role: roleOf(message), content: textOf(message) })),
    stream: true,
    options: optionsOf(chat),
  }),
  frames: lineFrames,
  events() {
    let begun = false
    return {
      push({ data }) {
        const line = parseJson(data)
        if (!isObject(line)) throw new ChatError('Ollama sent a line that is no JSON object.', { status: 502 })
        if (typeof line['error'] === 'string') throw new ChatError(`Ollama: ${line['error']}`, { status: 502 })
        const events = eventsOf(line)
        if (begun) return events
        begun = true
        return [{ type: 'start' }, ...events]
      },
      // The answer ends with a line that says so: byok reports one that lacks it as cut.
      end: () => [],
    }
  },
  error: (body) => (isObject(body) && typeof body['error'] === 'string' ? { message: body['error'] } : undefined),
}

function eventsOf({ message, done, ...line }: Record<string, unknown>): ChatEvent[] {
  const events: ChatEvent[] = []
  const text = isObject(message) ? message['content'] : undefined
  if (typeof text === 'string' && text !== '') events.push({ type: 'text', text })
  if (done !== true) return events
  const count = (name: string) => (typeof line[name] === 'number' ? line[name] : 0)
  return [
    ...events,
    { type: 'usage', usage: { input: count('prompt_eval_count'), output: count('eval_count') } },
    { type: 'finish', reason: line['done_reason'] === 'length' ? 'length' : 'stop' },
  ]
}

function roleOf({ role }: ChatMessage): string {
  return role === 'developer' ? 'system' : role
}

function textOf({ content }: ChatMessage): string {
  return content
    .map((part) => {
      if (part.type === 'text') return part.text
      throw unsupported('Ollama', `parts of type \`${part.type}\``, 'messages')
    })
    .join('\n')
}

function optionsOf(chat: ChatRequest): Record<string, unknown> {
  if (chat.tools && chat.tools.length > 0) throw unsupported('Ollama', 'tools', 'tools')
  if (chat.responseFormat && chat.responseFormat.type !== 'text') {
    throw unsupported('Ollama', 'a format of answers', 'response_format')
  }
  const most = maxOutputTokens(chat)
  return {
    ...(most !== undefined && { num_predict: most }),
    ...(chat.temperature !== undefined && { temperature: chat.temperature }),
    ...(chat.topP !== undefined && { top_p: chat.topP }),
    ...(chat.stop && { stop: chat.stop }),
  }
}

export default definePlugin({
  // Whoever wants byok's own way to it takes `type: openai-compatible`.
  name: 'ollama-native',
  title: 'Ollama',
  models: [],
  auth: [apiKey({ optional: true })],
  translator,
  executor: ({ request, credential, config, fetch }) =>
    fetch(`${baseUrlOf(credential, config) ?? 'http://localhost:11434'}/api/chat`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(request.body),
    }),
})
