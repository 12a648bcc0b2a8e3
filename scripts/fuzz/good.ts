/* Good requests and messages of every format, from which the fuzzer begins. */

const tool = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] }
const png = 'iVBORw0KGgo='

export const REQUESTS: Record<string, object[]> = {
  'openai-chat': [
    {
      model: 'm',
      stream: true,
      stream_options: { include_usage: true },
      messages: [
        { role: 'system', content: 'Be brief.' },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'a' },
            { type: 'image_url', image_url: { url: `data:image/png;base64,${png}` } },
          ],
        },
        {
          role: 'assistant',
          content: null,
          tool_calls: [{ id: 'c1', type: 'function', function: { name: 'f', arguments: '{"city":"x"}' } }],
        },
        { role: 'tool', tool_call_id: 'c1', content: 'warm' },
      ],
      tools: [{ type: 'function', function: { name: 'f', description: 'd', parameters: tool, strict: true } }],
      tool_choice: { type: 'function', function: { name: 'f' } },
      response_format: { type: 'json_schema', json_schema: { name: 's', schema: tool, strict: true } },
      reasoning_effort: 'low',
      stop: ['x'],
      temperature: 0.5,
    },
  ],
  'anthropic-messages': [
    {
      model: 'm',
      max_tokens: 100,
      stream: true,
      system: [{ type: 'text', text: 's', cache_control: { type: 'ephemeral' } }],
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'a' },
            { type: 'image', source: { type: 'base64', media_type: 'image/png', data: png } },
          ],
        },
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: 't', signature: 'c2ln' },
            { type: 'tool_use', id: 'c1', name: 'f', input: { city: 'x' } },
          ],
        },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 'c1', content: [{ type: 'text', text: 'warm' }], is_error: false },
          ],
        },
      ],
      tools: [{ name: 'f', description: 'd', input_schema: tool }],
      tool_choice: { type: 'auto' },
      thinking: { type: 'enabled', budget_tokens: 1024 },
      stop_sequences: ['x'],
    },
  ],
  'openai-responses': [
    {
      model: 'm',
      instructions: 'Be brief.',
      input: [
        {
          type: 'message',
          role: 'user',
          content: [
            { type: 'input_text', text: 'a' },
            { type: 'input_image', image_url: `data:image/png;base64,${png}` },
          ],
        },
        { type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: 't' }], encrypted_content: 'abc' },
        { type: 'function_call', call_id: 'c1', name: 'f', arguments: '{"city":"x"}' },
        { type: 'function_call_output', call_id: 'c1', output: 'warm' },
      ],
      tools: [
        { type: 'function', name: 'f', parameters: tool, strict: true },
        { type: 'custom', name: 'patch' },
      ],
      text: { format: { type: 'json_schema', name: 's', schema: tool } },
      reasoning: { effort: 'low', summary: 'auto' },
      stream: true,
    },
  ],
  gemini: [
    {
      model: 'm',
      stream: true,
      systemInstruction: { parts: [{ text: 's' }] },
      contents: [
        { role: 'user', parts: [{ text: 'a' }, { inlineData: { mimeType: 'image/png', data: png } }] },
        {
          role: 'model',
          parts: [
            { text: 't', thought: true },
            { functionCall: { name: 'f', args: { city: 'x' } }, thoughtSignature: 'c2ln' },
          ],
        },
        { role: 'user', parts: [{ functionResponse: { name: 'f', response: { output: 'warm' } } }] },
      ],
      tools: [{ functionDeclarations: [{ name: 'f', description: 'd', parameters: tool }] }],
      toolConfig: { functionCallingConfig: { mode: 'AUTO' } },
      generationConfig: {
        temperature: 0.5,
        stopSequences: ['x'],
        responseMimeType: 'application/json',
        responseSchema: tool,
        thinkingConfig: { thinkingBudget: 100 },
      },
    },
  ],
}

const usage = { input_tokens: 3, output_tokens: 2 }
const item = {
  id: 'i1',
  type: 'message',
  role: 'assistant',
  status: 'completed',
  content: [{ type: 'output_text', text: 'hi', annotations: [] }],
}
const call = { id: 'i2', type: 'function_call', call_id: 'c1', name: 'f', arguments: '{}', status: 'completed' }

/** Messages of streams, and whole answers and errors, of all formats together: each decoder is given those of the others too. */
export const MESSAGES: object[] = [
  {
    id: 'c',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'm',
    choices: [{ index: 0, delta: { role: 'assistant', content: 'hi' }, finish_reason: null }],
  },
  {
    id: 'c',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'm',
    choices: [
      {
        index: 0,
        delta: { tool_calls: [{ index: 0, id: 'c1', type: 'function', function: { name: 'f', arguments: '{"a"' } }] },
        finish_reason: 'tool_calls',
      },
    ],
    usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5, prompt_tokens_details: { cached_tokens: 1 } },
  },
  {
    id: 'c',
    object: 'chat.completion',
    created: 1,
    model: 'm',
    choices: [
      { index: 0, message: { role: 'assistant', content: 'hi', reasoning_content: 't' }, finish_reason: 'stop' },
    ],
    usage: { prompt_tokens: 3, completion_tokens: 2 },
  },
  {
    type: 'message_start',
    message: { id: 'm', type: 'message', role: 'assistant', model: 'm', content: [], stop_reason: null, usage },
  },
  { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
  { type: 'content_block_start', index: 1, content_block: { type: 'tool_use', id: 'c1', name: 'f', input: {} } },
  { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'hi' } },
  { type: 'content_block_delta', index: 1, delta: { type: 'input_json_delta', partial_json: '{"a"' } },
  { type: 'content_block_delta', index: 0, delta: { type: 'thinking_delta', thinking: 't' } },
  { type: 'content_block_stop', index: 0 },
  { type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage },
  { type: 'message_stop' },
  { type: 'error', error: { type: 'overloaded_error', message: 'x' } },
  {
    id: 'm',
    type: 'message',
    role: 'assistant',
    model: 'm',
    content: [{ type: 'text', text: 'hi' }],
    stop_reason: 'end_turn',
    usage,
  },
  {
    type: 'response.created',
    response: { id: 'r', object: 'response', status: 'in_progress', model: 'm', output: [] },
  },
  { type: 'response.output_item.added', output_index: 0, item: { ...item, content: [] } },
  { type: 'response.output_item.added', output_index: 1, item: call },
  { type: 'response.output_text.delta', item_id: 'i1', output_index: 0, content_index: 0, delta: 'hi' },
  { type: 'response.function_call_arguments.delta', item_id: 'i2', output_index: 1, delta: '{"a"' },
  { type: 'response.output_item.done', output_index: 0, item },
  {
    type: 'response.completed',
    response: { id: 'r', object: 'response', status: 'completed', model: 'm', output: [item, call], usage },
  },
  {
    candidates: [
      {
        content: { role: 'model', parts: [{ text: 'hi' }, { functionCall: { name: 'f', args: {} } }] },
        finishReason: 'STOP',
        index: 0,
      },
    ],
    usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 2 },
    modelVersion: 'm',
    responseId: 'r',
  },
  { response: { candidates: [{ content: { parts: [{ text: 't', thought: true }] } }] } },
  { assistantResponseEvent: { content: 'hi' } },
  { toolUseEvent: { toolUseId: 'c1', name: 'f', input: '{"a"', stop: true } },
  { error: { code: 429, message: 'x', status: 'RESOURCE_EXHAUSTED', details: [{ retryDelay: '3s' }] } },
]
