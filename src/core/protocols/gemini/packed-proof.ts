import type { ReasoningPart } from '../../chat/index.ts'
import { compact, isObject, objects, parseObject } from '../json.ts'
import type { JsonObject } from '../json.ts'
import { modelFacts } from './model.ts'
import { NO_SIGNATURE } from './signatures.ts'

/*
 * Proofs of other vendors' reasoning, for Gemini clients to keep: `thoughtSignature` is opaque to them, base64 text that they send
 * back with its part. What Anthropic's and OpenAI's reasoning needs to be taken back (whose it is, its id, encrypted content) is
 * put into that text together.
 */

/** Base64 of `{"byok":`, which starts no signature of Google's. */
const MARK = Buffer.from('{"byok":').toString('base64').slice(0, 10)

type Proof = Pick<ReasoningPart, 'format' | 'signature' | 'encrypted' | 'id' | 'summary'>

/** The `thoughtSignature` of a reasoning part that is not Gemini's; `undefined` where it has nothing to prove. */
export function packProof({ format, signature, encrypted, id, summary }: Proof): string | undefined {
  if (signature === undefined && encrypted === undefined) return undefined
  return Buffer.from(JSON.stringify({ byok: compact({ format, signature, encrypted, id, summary }) })).toString(
    'base64',
  )
}

/** The proof in a `thoughtSignature`; `undefined` where it is Google's own. */
export function unpackProof(thoughtSignature: string): Proof | undefined {
  if (!thoughtSignature.startsWith(MARK)) return undefined
  const packed = parseObject(Buffer.from(thoughtSignature, 'base64').toString('utf8'))?.['byok']
  if (!isObject(packed)) return undefined
  const { format, signature, encrypted, id, summary } = packed
  return compact<Proof>({
    format: format === 'anthropic-claude-v1' || format === 'openai-responses-v1' ? format : 'unknown',
    signature: typeof signature === 'string' ? signature : undefined,
    encrypted: typeof encrypted === 'string' ? encrypted : undefined,
    id: typeof id === 'string' ? id : undefined,
    summary: summary === true ? true : undefined,
  })
}

/**
 * A request without other vendors' proofs, which Google would refuse. For bytes that pass through: a client may have begun the
 * conversation with another model. A call whose proof this was says so, as Google documents, and so does one of the current turn that
 * nobody signed, where the model wants it signed: an answer may fail over to Gemini between an agent's steps.
 */
export function withoutForeignProofs(body: JsonObject, model: string): JsonObject {
  const { contents } = body
  if (!Array.isArray(contents)) return body
  const begun = modelFacts(model).signedCalls ? contents.findLastIndex(asks) : contents.length
  const clean = contents.map((content: unknown, index) => {
    const proven = hasForeign(content)
      ? { ...content, parts: objects(content['parts']).flatMap(withoutForeign) }
      : content
    return index > begun ? withSignedCall(proven) : proven
  })
  const same = clean.every((content, index) => content === contents[index] && !isSilent(content))
  return same ? body : { ...body, contents: clean.filter((content) => !isEmpty(content)) }
}

/** An answer without a word, as clients have it of any model. */
function isSilent(content: unknown): boolean {
  return isEmpty(content) && isObject(content) && content['role'] === 'model'
}

/** "contents.parts must not be empty" of a turn that was thoughts alone. */
function isEmpty(content: unknown): boolean {
  return isObject(content) && Array.isArray(content['parts']) && content['parts'].length === 0
}

function hasForeign(content: unknown): content is JsonObject {
  return isObject(content) && objects(content['parts']).some(isForeign)
}

function isForeign({ thoughtSignature }: JsonObject): boolean {
  return typeof thoughtSignature === 'string' && thoughtSignature.startsWith(MARK)
}

function withoutForeign(part: JsonObject): JsonObject[] {
  if (!isForeign(part)) return [part]
  const { thoughtSignature: _, ...rest } = part
  if (part['thought'] === true) return []
  return 'functionCall' in part ? [{ ...rest, thoughtSignature: NO_SIGNATURE }] : [rest]
}

/** Whether a turn begins there: with words, which the results of calls are not. */
function asks(content: unknown): boolean {
  return isObject(content) && content['role'] !== 'model' && objects(content['parts']).some((part) => 'text' in part)
}

/** Of parallel calls the first is signed. */
function withSignedCall(content: unknown): unknown {
  if (!isObject(content) || !Array.isArray(content['parts'])) return content
  const parts: unknown[] = content['parts']
  const at = parts.findIndex((part) => isObject(part) && 'functionCall' in part)
  const call = parts[at]
  if (!isObject(call) || 'thoughtSignature' in call || 'thought_signature' in call) return content
  return { ...content, parts: parts.with(at, { ...call, thoughtSignature: NO_SIGNATURE }) }
}
