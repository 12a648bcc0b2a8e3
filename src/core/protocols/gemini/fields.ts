/*
 * Fields of Gemini's objects that the neutral model has no word for. They travel in `extra`, by these names, between Gemini's two
 * sides; what other vendors keep in the `extra` of a part, a call or a tool is theirs alone, and is not sent to Gemini, which
 * refuses every field it does not know.
 *
 * Source: Part, FunctionDeclaration, Candidate in @google/genai.
 */

/** Kinds of part that are neither text, media, call nor result. */
export const OTHER_PARTS = new Set([
  'executableCode',
  'codeExecutionResult',
  'toolCall',
  'toolResponse',
  'audioTranscription',
])

/** Beside a part's content, and within it where it mirrors the wire's nesting. */
export const PART_EXTRA = new Set([
  ...OTHER_PARTS,
  'videoMetadata',
  'mediaResolution',
  'partMetadata',
  'mediaProcessing',
  'speechMetadata',
  'inlineData',
  'fileData',
  'functionCall',
  'functionResponse',
])

export const FUNCTION_EXTRA = new Set(['behavior', 'response', 'responseJsonSchema'])

/** Of a candidate: what is said of an answer beside its content. */
export const CANDIDATE_EXTRA = new Set([
  'finishMessage',
  'citationMetadata',
  'groundingMetadata',
  'groundingAttributions',
  'urlContextMetadata',
  'safetyRatings',
  'avgLogprobs',
  'tokenCount',
  'continuationToken',
])
