/** Writes docs/protocols.md: what each client can say and each wire carries, as measured. Run: `npx tsx scripts/protocols-table.ts` */
import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { format, resolveConfig } from 'prettier'
import { AnswerBuilder } from '../src/core/chat/index.ts'
import type { ChatEvent } from '../src/core/chat/index.ts'
import { anthropicMessages, anthropicMessagesProtocol } from '../src/core/protocols/anthropic-messages/index.ts'
import { geminiGenerateContent, geminiProtocol } from '../src/core/protocols/gemini/index.ts'
import { openaiChat, openaiChatProtocol } from '../src/core/protocols/openai-chat/index.ts'
import { openaiResponses, openaiResponsesProtocol } from '../src/core/protocols/openai-responses/index.ts'
import { compactionItem } from '../src/core/protocols/openai-responses/compaction.ts'
import type { Protocol } from '../src/core/protocols/protocol.ts'
import type { Translator } from '../src/core/translator/translator.ts'

export const TABLE = fileURLToPath(new URL('../docs/protocols.md', import.meta.url))

type Json = Record<string, unknown>

/** Each wire, with a model of its vendor's that takes the most. */
const WIRES: Record<string, [Translator, model: string]> = {
  'Chat Completions': [openaiChat(), 'gpt-4o'],
  Responses: [openaiResponses(), 'gpt-5'],
  Messages: [anthropicMessages(), 'claude-opus-4-6'],
  generateContent: [geminiGenerateContent(), 'gemini-3-flash-preview'],
}

interface Probe {
  /** Beside a plain question. */
  body: Json
  /** What of it must be found again on the other side. */
  look: RegExp
}

interface Client {
  protocol: Protocol
  ask: Json
  probes: Record<string, Probe>
}

const PNG = 'aGVsbG8gcG5n'
const PDF = 'aGVsbG8gcGRm'
const schema = {
  type: 'object',
  properties: { marker: { type: 'string' } },
  required: ['marker'],
  additionalProperties: false,
}

const CLIENTS: Record<string, Client> = {
  'Chat Completions': {
    protocol: openaiChatProtocol,
    ask: { messages: [{ role: 'user', content: 'Hi' }] },
    probes: {
      'system prompt': {
        body: {
          messages: [
            { role: 'system', content: 'marker' },
            { role: 'user', content: 'Hi' },
          ],
        },
        look: /marker/,
      },
      image: {
        body: {
          messages: [
            { role: 'user', content: [{ type: 'image_url', image_url: { url: `data:image/png;base64,${PNG}` } }] },
          ],
        },
        look: new RegExp(PNG),
      },
      PDF: {
        body: {
          messages: [
            {
              role: 'user',
              content: [{ type: 'file', file: { filename: 'a.pdf', file_data: `data:application/pdf;base64,${PDF}` } }],
            },
          ],
        },
        look: new RegExp(PDF),
      },
      audio: {
        body: {
          messages: [{ role: 'user', content: [{ type: 'input_audio', input_audio: { data: PNG, format: 'wav' } }] }],
        },
        look: new RegExp(PNG),
      },
      tools: { body: { tools: [{ type: 'function', function: { name: 'f', parameters: schema } }] }, look: /marker/ },
      'free-text tools': { body: { tools: [{ type: 'custom', custom: { name: 'marker' } }] }, look: /marker/ },
      'JSON schema': {
        body: { response_format: { type: 'json_schema', json_schema: { name: 'a', strict: true, schema } } },
        look: /marker/,
      },
      'reasoning effort': { body: { reasoning_effort: 'high' }, look: /high/i },
      stop: { body: { stop: ['marker'] }, look: /marker/ },
      seed: { body: { seed: 424_242 }, look: /424242/ },
      'several choices (n)': { body: { n: 2 }, look: /"(?:n|candidateCount)":2/ },
      logprobs: { body: { logprobs: true, top_logprobs: 3 }, look: /logprobs/i },
      logit_bias: { body: { logit_bias: { '50': 1 } }, look: /logit_bias/ },
      prediction: { body: { prediction: { type: 'content', content: 'marker' } }, look: /marker/ },
    },
  },
  Responses: {
    protocol: openaiResponsesProtocol,
    ask: { input: 'Hi' },
    probes: {
      instructions: { body: { instructions: 'marker' }, look: /marker/ },
      image: {
        body: {
          input: [{ role: 'user', content: [{ type: 'input_image', image_url: `data:image/png;base64,${PNG}` }] }],
        },
        look: new RegExp(PNG),
      },
      PDF: {
        body: {
          input: [
            {
              role: 'user',
              content: [{ type: 'input_file', filename: 'a.pdf', file_data: `data:application/pdf;base64,${PDF}` }],
            },
          ],
        },
        look: new RegExp(PDF),
      },
      tools: { body: { tools: [{ type: 'function', name: 'f', parameters: schema, strict: true }] }, look: /marker/ },
      'free-text tools': { body: { tools: [{ type: 'custom', name: 'marker' }] }, look: /marker/ },
      'web search': { body: { tools: [{ type: 'web_search' }] }, look: /web_search/ },
      'JSON schema': {
        body: { text: { format: { type: 'json_schema', name: 'a', strict: true, schema } } },
        look: /marker/,
      },
      'reasoning effort': { body: { reasoning: { effort: 'high' } }, look: /high/i },
      "OpenAI's sealed reasoning": {
        body: {
          input: [
            { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'marker' },
            { role: 'user', content: 'Hi' },
          ],
        },
        look: /marker/,
      },
      "what OpenAI's tools did": {
        body: {
          input: [
            { type: 'web_search_call', id: 'ws_1', status: 'completed', action: { type: 'search', query: 'marker' } },
            { role: 'user', content: 'Hi' },
          ],
        },
        look: /marker/,
      },
      "OpenAI's compaction": {
        body: {
          input: [
            { type: 'compaction', encrypted_content: 'marker' },
            { role: 'user', content: 'Hi' },
          ],
        },
        look: /marker/,
      },
      "byok's compaction": {
        body: { input: [compactionItem('cmp_1', 'marker'), { role: 'user', content: 'Hi' }] },
        look: /marker|byok\.compaction/,
      },
      truncation: { body: { truncation: 'auto' }, look: /truncation/ },
      conversation: { body: { conversation: 'conv_1' }, look: /conv_1/ },
    },
  },
  Messages: {
    protocol: anthropicMessagesProtocol,
    ask: { max_tokens: 9000, messages: [{ role: 'user', content: 'Hi' }] },
    probes: {
      'system prompt': { body: { system: 'marker' }, look: /marker/ },
      image: {
        body: {
          messages: [
            {
              role: 'user',
              content: [{ type: 'image', source: { type: 'base64', media_type: 'image/png', data: PNG } }],
            },
          ],
        },
        look: new RegExp(PNG),
      },
      PDF: {
        body: {
          messages: [
            {
              role: 'user',
              content: [{ type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: PDF } }],
            },
          ],
        },
        look: new RegExp(PDF),
      },
      tools: { body: { tools: [{ name: 'f', input_schema: schema }] }, look: /marker/ },
      'web search': { body: { tools: [{ type: 'web_search_20250305', name: 'web_search' }] }, look: /web_search/ },
      'JSON schema': { body: { output_config: { format: { type: 'json_schema', schema } } }, look: /marker/ },
      'thinking budget': {
        body: { thinking: { type: 'enabled', budget_tokens: 4096 } },
        look: /4096|"(?:high|medium|low)"/i,
      },
      'thinking, shown': {
        body: { thinking: { type: 'enabled', budget_tokens: 4096 } },
        look: /"summary":"auto"|"includeThoughts":true|"budget_tokens"/,
      },
      'cache breakpoints': {
        body: { system: [{ type: 'text', text: 'a', cache_control: { type: 'ephemeral' } }] },
        look: /cache_control/,
      },
      top_k: { body: { top_k: 7 }, look: /"top_?k":7/i },
      'context management': { body: { context_management: { edits: [] } }, look: /context_management/ },
      'MCP servers': {
        body: { mcp_servers: [{ type: 'url', url: 'https://a.example', name: 'marker' }] },
        look: /marker/,
      },
      'message threads': { body: { thread: { type: 'create' } }, look: /"thread"/ },
      compaction: { body: { compaction: { type: 'marker' } }, look: /marker/ },
      'fallback models': { body: { fallbacks: [{ model: 'marker' }] }, look: /marker/ },
      'inference region': { body: { inference_geo: 'us' }, look: /inference_geo/ },
    },
  },
  generateContent: {
    protocol: geminiProtocol,
    ask: { contents: [{ role: 'user', parts: [{ text: 'Hi' }] }] },
    probes: {
      'system instruction': { body: { systemInstruction: { parts: [{ text: 'marker' }] } }, look: /marker/ },
      image: {
        body: { contents: [{ parts: [{ inlineData: { mimeType: 'image/png', data: PNG } }] }] },
        look: new RegExp(PNG),
      },
      PDF: {
        body: { contents: [{ parts: [{ inlineData: { mimeType: 'application/pdf', data: PDF } }] }] },
        look: new RegExp(PDF),
      },
      audio: {
        body: { contents: [{ parts: [{ inlineData: { mimeType: 'audio/wav', data: PNG } }] }] },
        look: new RegExp(PNG),
      },
      tools: {
        body: { tools: [{ functionDeclarations: [{ name: 'f', parametersJsonSchema: schema }] }] },
        look: /marker/,
      },
      'Google search': { body: { tools: [{ googleSearch: {} }] }, look: /googleSearch/ },
      'JSON schema': {
        body: { generationConfig: { responseMimeType: 'application/json', responseJsonSchema: schema } },
        look: /marker/,
      },
      'thinking level': { body: { generationConfig: { thinkingConfig: { thinkingLevel: 'HIGH' } } }, look: /high/i },
      'thoughts, shown': {
        body: { generationConfig: { thinkingConfig: { thinkingLevel: 'HIGH', includeThoughts: true } } },
        look: /"summary":"auto"|"includeThoughts":true|"display":"summarized"/,
      },
      'safety settings': { body: { safetySettings: [{ category: 'marker', threshold: 'OFF' }] }, look: /marker/ },
      'cached content': { body: { cachedContent: 'cachedContents/marker' }, look: /marker/ },
      'images as answers': { body: { generationConfig: { responseModalities: ['IMAGE'] } }, look: /IMAGE/ },
    },
  },
}

/** What an answer may hold, in the neutral model's words, and what of it must be found in what the client reads. */
interface AnswerProbe {
  events: ChatEvent[]
  look: RegExp
  /** What is found where an answer only says that there is something. */
  mention?: RegExp
}

const ANSWERS: Record<string, AnswerProbe> = {
  text: { events: [{ type: 'text', text: 'marker' }], look: /marker/ },
  reasoning: {
    events: [{ type: 'reasoning', index: 0, text: 'marker', format: 'unknown' }],
    look: /marker/,
  },
  "a proof of Claude's reasoning": {
    events: [{ type: 'reasoning', index: 0, text: 'a', signature: 'bWFya2Vy', format: 'anthropic-claude-v1' }],
    look: /bWFya2Vy/,
  },
  "a proof of OpenAI's reasoning": {
    events: [
      { type: 'reasoning', index: 0, text: 'a', id: 'rs_1', encrypted: 'bWFya2Vy', format: 'openai-responses-v1' },
    ],
    look: /bWFya2Vy/,
  },
  "a proof of Gemini's reasoning": {
    events: [{ type: 'reasoning', index: 0, text: 'a', signature: 'bWFya2Vy', format: 'google-gemini-v1' }],
    look: /bWFya2Vy/,
  },
  'tool calls': {
    events: [
      { type: 'tool-call', index: 0, id: 'call_1', name: 'f', kind: 'function' },
      { type: 'tool-call-delta', index: 0, arguments: '{"marker":1}' },
    ],
    look: /marker/,
  },
  refusals: { events: [{ type: 'refusal', text: 'marker' }], look: /marker/ },
  'log probabilities': {
    events: [
      { type: 'text', text: 'a', logprobs: { content: [{ token: 'a', logprob: -0.424_242, top_logprobs: [] }] } },
    ],
    look: /424242/,
  },
  'citations of the web': {
    events: [
      { type: 'text', text: 'a' },
      {
        type: 'extra',
        extra: {
          annotations: [
            {
              type: 'url_citation',
              url_citation: { url: 'https://marker.example', title: 'a', start_index: 0, end_index: 1 },
            },
          ],
        },
      },
    ],
    look: /marker/,
  },
  images: {
    events: [{ type: 'extra', extra: { images: [{ image_url: { url: `data:image/png;base64,${PNG}` } }] } }],
    look: new RegExp(PNG),
    mention: /image\/png/,
  },
  'which stop sequence was met': {
    events: [{ type: 'finish', reason: 'stop', stopSequence: 'marker' }],
    look: /marker/,
  },
  'cached tokens': {
    events: [{ type: 'usage', usage: { input: 500_000, output: 1, cachedInput: 424_242 } }],
    look: /424242/,
  },
  'reasoning tokens': {
    events: [{ type: 'usage', usage: { input: 1, output: 500_000, reasoning: 424_242 } }],
    look: /424242/,
  },
}

/** Proofs travel in envelopes: whatever is base64 in a text is looked into as well. */
function opened(text: string): string {
  const inside = (text.match(/[\w+/-]{24,}={0,2}/g) ?? []).map((word) => Buffer.from(word, 'base64').toString('utf8'))
  return inside.length > 0 ? text + inside.map((word) => opened(word)).join('') : text
}

/** Whether both forms of an answer hold it. */
function told({ protocol }: Client, { events, look, mention }: AnswerProbe): string {
  const finish: ChatEvent[] = events.some(({ type }) => type === 'finish') ? [] : [{ type: 'finish', reason: 'stop' }]
  const usage: ChatEvent = { type: 'usage', usage: { input: 1, output: 1 } }
  const all: ChatEvent[] = [{ type: 'start', id: 'a', model: 'm' }, usage, ...events, ...finish]
  const builder = new AnswerBuilder()
  for (const event of all) builder.push(event)
  const context = { model: 'm', includeUsage: true }
  const encoder = protocol.encoder(context)
  const streamed = all.map((event) => encoder.push(event)).join('') + encoder.end()
  const whole = JSON.stringify(protocol.encode(builder.answer, context))
  const [inStream, inWhole] = [streamed, whole].map((text) => look.test(opened(text)))
  if (inStream && inWhole) return 'yes'
  if (mention?.test(streamed) && mention.test(whole)) return 'in words'
  if (inStream === inWhole) return 'left out'
  return inStream ? 'streamed' : 'whole'
}

function outcome({ protocol, ask }: Client, { body, look }: Probe, [wire, model]: [Translator, string]): string {
  try {
    const sent = JSON.stringify(wire.request(protocol.decode({ model, ...ask, ...body })))
    return look.test(sent) ? 'yes' : 'left out'
  } catch (error) {
    if (error instanceof Error && error.name === 'ChatError') return 'refused'
    throw error
  }
}

/** The whole file. */
export async function protocolsTable(): Promise<string> {
  const wires = Object.entries(WIRES)
  const sections = Object.entries(CLIENTS).map(([name, client]) => {
    const rows = Object.entries(client.probes).map(([what, probe]) => {
      const cells = wires.map(([wire, value]) => (wire === name ? 'as it is' : outcome(client, probe, value)))
      return `| ${what} | ${cells.join(' | ')} |`
    })
    const head = `| | ${wires.map(([wire]) => wire).join(' | ')} |\n| --- | ${wires.map(() => '---').join(' | ')} |`
    return `## A client of ${name}\n\n${head}\n${rows.join('\n')}\n`
  })
  const clients = Object.entries(CLIENTS)
  const answers = Object.entries(ANSWERS).map(
    ([what, probe]) => `| ${what} | ${clients.map(([, client]) => told(client, probe)).join(' | ')} |`,
  )
  const head = `| | ${clients.map(([name]) => name).join(' | ')} |\n| --- | ${clients.map(() => '---').join(' | ')} |`
  const text = `# What each pair of protocols carries

Written by \`scripts/protocols-table.ts\`, which sends each thing a client may say through byok to each wire and looks for it there; a
test holds it to the code. **refused** is a 400 that names the field: an answer without it would be to another question. **left out**
is a hint, without which the answer is as right. Where client and provider speak the same protocol, bytes pass through **as they
are**. A provider may carry less than its wire: docs/providers.md. Web search and the like are refused for other vendors where they are
all that is asked for, and left out beside tools of the client's own; but where a request is nothing but a web search (\`web_search\` of
Responses, Claude Code's \`WebSearch\`, Gemini CLI's \`google_web_search\`), Claude, Gemini and OpenAI (with a login or a key) search in their
own way, and the client is told what they found in its own. \`web_search_options\` of Chat Completions is such a request too, with Claude
and OpenAI (any model that searches in Responses) beside tools as well; elsewhere it is refused, or goes on to who knows it. Antigravity
has a model of its own for searches, gemini-3.1-flash-lite, which answers them where a model of Google's is asked or a search must be made.

OpenAI takes no tools beside reasoning in Chat Completions from GPT-5.4 on. Such a request of any client is asked by Responses, of
OpenAI with a key and of Copilot, and its answer translated back; all others of a Chat Completions client still pass through.

The tool runner of Anthropic's SDK, \`beta.messages.thread()\` and Claude Code leave it to Anthropic to hold a conversation, and send
what is new (message threads). With Claude that stays so, at the account that began it. Anywhere else it is refused by the name after
which the tool runner and Claude Code send the whole conversation; a thread of your own does with
\`unsupportedRequestBehavior: 'continue_unthreaded'\`.

Cursor asks \`/v1/chat/completions\` in the words of Responses (its agent), or with tools, calls and results as Anthropic has them (a model
that is Claude by name), and reads chat completions. Both are taken.

OpenAI's Images (\`/v1/images/generations\`, \`/v1/images/edits\` by form or JSON) are passed on to OpenAI, by key and by ChatGPT login, and to
\`openai-compatible\` servers. Models of Gemini and Antigravity that draw are asked in a chat, for one image at a time: \`size\` becomes the
nearest shape, and \`quality\` and the like are left out; \`n\`, a stream, a mask and a transparent background are refused. The others draw
nothing.

OpenAI's Audio (\`/v1/audio/speech\`, \`/v1/audio/transcriptions\`, \`/v1/audio/translations\`, streams too) and Moderations
(\`/v1/moderations\`) are passed on to OpenAI, by key, and to \`openai-compatible\` servers. A transcription by a model of Gemini or
Antigravity is asked for in a chat: \`language\` and \`prompt\` are told in words, and the answer is \`json\` or \`text\`; times, subtitles and
a stream are refused. Models of Gemini that speak (\`gemini-3.8-flash-tts\`) are asked for speech in a chat too: the answer is \`wav\`, also
where no \`response_format\` is named, or \`pcm\`; \`instructions\` become the style, \`alloy\` becomes Google's \`Kore\`, and every other
voice is one of Google's; other formats, \`speed\` and a stream of events are refused. A ChatGPT login has none of these.

${sections.join('\n')}
## What a client reads of an answer

What an answer of any provider holds, streamed and whole, and which clients are told it. Proofs are what a provider wants back with
its reasoning; where the client's format has no place for another vendor's, they travel in one that the client keeps and does not read.
Images are \`message.images\` to a client of Chat Completions and calls of \`image_generation\` to one of Responses. Messages has no place
for them: **in words** is a sentence in the answer's text that says what was made, and which protocols give it.

${head}
${answers.join('\n')}
`
  const options = await resolveConfig(TABLE)
  return await format(text, { ...options, parser: 'markdown' })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await writeFile(TABLE, await protocolsTable())
