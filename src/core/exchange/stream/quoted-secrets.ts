import { withoutSecrets } from '../../secrets/known-secrets.ts'

/** An error's beginning. Within a text of the answer its quotes are escaped. */
const ERROR = /"error"\s*:\s*\{/

/** A part of it by which pieces without one are told: as JSON is full of quotes, to look for one first takes six times as long. */
const HINT = 'rror"'

/**
 * A piece of a stream that passes through, without the keys of byok's that an error in it quotes. Nearly none has an error, and one that has
 * comes in a piece of its own: what was cut in the middle of a key is passed on.
 */
export function withoutQuotedSecrets(piece: Uint8Array): Uint8Array {
  const bytes = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength)
  if (!bytes.includes(HINT)) return piece
  // A character for each byte, so that whatever else is in it stays as it is.
  const text = bytes.toString('latin1')
  const at = text.search(ERROR)
  if (at === -1) return piece
  const said = text.slice(at)
  const clean = withoutSecrets(said)
  return clean === said ? piece : Buffer.from(text.slice(0, at) + clean, 'latin1')
}
