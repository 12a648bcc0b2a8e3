import fc from 'fast-check'

/** Names and words of the wire formats, so that random values get deep into what reads them. */
const NAMES =
  `model messages role content type text tools function name parameters tool_calls id arguments image_url url input
  instructions contents parts inlineData mimeType data functionCall args functionResponse response thinking signature redacted_thinking
  max_tokens stream stop stop_sequences temperature top_p response_format json_schema schema strict tool_choice system cache_control
  reasoning summary encrypted_content generationConfig safetySettings systemInstruction toolConfig responseSchema properties items
  required enum anyOf $ref $defs description tool_use tool_result tool_use_id is_error source media_type file file_data file_id
  input_audio refusal annotations call_id output status delta choices index finish_reason usage prompt_tokens completion_tokens
  prompt_tokens_details cached_tokens input_tokens output_tokens candidates finishReason usageMetadata promptTokenCount
  candidatesTokenCount thoughtsTokenCount thought thoughtSignature content_block partial_json message stop_reason item output_index
  content_index response_id sequence_number error code param event metadata user seed logprobs n store previous_response_id
  reasoning_content reasoning_details assistantResponseEvent toolUseEvent toolUseId __proto__ constructor prototype toString length`.split(
    /\s+/,
  )

const WORDS =
  `user assistant system developer tool model function text image_url input_text output_text input_image input_file auto
  none any required json_object json_schema stop length tool_calls end_turn max_tokens tool_use STOP MAX_TOKENS SAFETY ephemeral
  base64 url image document thinking redacted_thinking text_delta input_json_delta thinking_delta signature_delta message_start
  content_block_start content_block_delta content_block_stop message_delta message_stop ping error response.created
  response.output_item.added response.output_text.delta response.function_call_arguments.delta response.output_item.done
  response.completed response.failed response.incomplete message function_call function_call_output custom_tool_call reasoning
  item_reference web_search_call data:image/png;base64,iVBORw0KGgo= http://example.com/a.png {"a":1} {"a": [DONE] 0 -1 1e999`.split(
    /\s+/,
  )

export const word = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...WORDS) },
  { weight: 1, arbitrary: fc.string({ maxLength: 20, unit: 'binary' }) },
)
export const name = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...NAMES) },
  { weight: 1, arbitrary: fc.string({ maxLength: 8 }) },
)

const leaf = fc.oneof(
  { weight: 6, arbitrary: word },
  { weight: 2, arbitrary: fc.integer({ min: -2, max: 5000 }) },
  { weight: 1, arbitrary: fc.constantFrom<unknown>(null, true, false, 0.5, 1e308, '', []) },
)

/** JSON values of the formats' words. An object of theirs may have `__proto__` of its own, as parsed JSON may. */
export const json: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(fc.tuple(name, tie('value')), { maxLength: 6 }).map(objectOf),
  ),
})).value

function objectOf(entries: [string, unknown][]): object {
  const object = {}
  for (const [key, value] of entries) {
    Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true })
  }
  return object
}

type Change = { path: number[]; value: unknown; name: string; kind: 'set' | 'remove' | 'add' | 'twice' }

const change: fc.Arbitrary<Change> = fc.record({
  path: fc.array(fc.nat({ max: 11 }), { minLength: 1, maxLength: 6 }),
  value: json,
  name,
  kind: fc.constantFrom('set' as const, 'remove' as const, 'add' as const, 'twice' as const),
})

/** Good values of a format, with some of their parts changed, left out, added to or said twice. */
export function changed(good: readonly unknown[]): fc.Arbitrary<unknown> {
  return fc
    .tuple(fc.constantFrom(...good), fc.array(change, { maxLength: 4 }))
    .map(([value, changes]) => changes.reduce<unknown>((at, one) => apply(at, one, 0), structuredClone(value)))
}

function apply(value: unknown, change: Change, depth: number): unknown {
  const step = change.path[depth]
  if (typeof value !== 'object' || value === null) return change.kind === 'remove' ? undefined : change.value
  const keys = Object.keys(value)
  const last = step === undefined || depth === change.path.length - 1 || keys.length === 0
  if (last && change.kind === 'add' && !Array.isArray(value))
    return objectOf([...Object.entries(value), [change.name, change.value]])
  const key = keys[(step ?? 0) % Math.max(keys.length, 1)]
  if (key === undefined) return change.value
  if (Array.isArray(value)) {
    const items = value as unknown[]
    const at = Number(key)
    if (last && change.kind === 'twice') return [...items, items[at]]
    if (last && change.kind === 'remove') return items.toSpliced(at, 1)
    return items.with(at, last ? change.value : apply(items[at], change, depth + 1))
  }
  const entries = Object.entries(value)
  if (last && change.kind === 'remove') return objectOf(entries.filter(([other]) => other !== key))
  return objectOf(
    entries.map(([other, old]) => [other, other !== key ? old : last ? change.value : apply(old, change, depth + 1)]),
  )
}

/** Bytes, and where they are cut. */
export function cut(bytes: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array[]> {
  return fc.tuple(bytes, fc.array(fc.nat({ max: 1000 }), { maxLength: 8 })).map(([whole, cuts]) => {
    const at = [...new Set(cuts.map((place) => place % (whole.length + 1)))].toSorted((a, b) => a - b)
    return [0, ...at].map((from, index) => whole.subarray(from, at[index] ?? whole.length))
  })
}
