import type { ConformanceCase } from '../case.ts'
import { cut, ended, midStream } from './broken.ts'
import { errors } from './errors.ts'
import { toolImage, vision } from './images.ts'
import { contentFilter, jsonSchema, length, stop, usage } from './output.ts'
import { abort, slow } from './pace.ts'
import { reasoning } from './reasoning.ts'
import { namedTool, noTool, parallelTools, requiredTool, toolCall } from './tools.ts'
import { emptyAnswer, longAnswer, systemPrompt, text, turns, unicode } from './words.ts'

/** The conformance table: what every provider is held to, or refuses by a 400 that names it. */
export const cases: readonly ConformanceCase[] = [
  text,
  longAnswer,
  turns,
  systemPrompt,
  vision,
  toolCall,
  parallelTools,
  toolImage,
  requiredTool,
  namedTool,
  noTool,
  jsonSchema,
  reasoning,
  stop,
  length,
  contentFilter,
  usage,
  unicode,
  emptyAnswer,
  ...errors,
  cut,
  ended,
  midStream,
  slow,
  abort,
]
