import type { ChatAnswer, ChatEvent, ResponseFormat } from '../../chat/index.ts'
import { parseObject } from '../json.ts'
import type { StreamEncoder } from '../protocol.ts'

/**
 * The answer is one of some texts, as it stands: "Outputs an enum value as defined in the response schema"
 * (firebase.google.com/docs/ai-logic/generate-structured-output).
 */
export const ONE_OF = 'text/x.enum'

/** Under which the texts stand beside the format that other vendors know. */
const TEXTS = Symbol(ONE_OF)

/** Other vendors answer with an object alone, so the text comes in one. */
const KEY = 'value'

export function oneOf(texts: string[]): ResponseFormat {
  const format: ResponseFormat = {
    type: 'json_schema',
    name: 'choice',
    schema: {
      type: 'object',
      properties: { [KEY]: { type: 'string', enum: texts } },
      required: [KEY],
      additionalProperties: false,
    },
    strict: true,
  }
  return Object.assign(format, { [TEXTS]: texts })
}

/** The texts, of a format that {@link oneOf} made. */
export function textsOf(format: ResponseFormat | undefined): string[] | undefined {
  const texts: unknown = format && Reflect.get(format, TEXTS)
  return Array.isArray(texts) ? texts.map(String) : undefined
}

/** The answer with the text alone. */
export function withBareTexts(answer: ChatAnswer): ChatAnswer {
  const choices = answer.choices.map((choice) => {
    const words = choice.content.map((part) => (part.type === 'text' ? part.text : '')).join('')
    const others = choice.content.filter((part) => part.type !== 'text')
    return words === '' ? choice : { ...choice, content: [...others, { type: 'text' as const, text: bare(words) }] }
  })
  return { ...answer, choices }
}

/** Writes the text alone, once it is whole. */
export function bareTextEncoder(encoder: StreamEncoder): StreamEncoder {
  const words = new Map<number, string>()
  const tell = (choice: number, unwrap: (text: string) => string): string => {
    const text = words.get(choice)
    words.delete(choice)
    return text === undefined ? '' : encoder.push({ type: 'text', text: unwrap(text), choice })
  }
  return {
    push(event: ChatEvent) {
      const choice = 'choice' in event ? (event.choice ?? 0) : 0
      if (event.type === 'finish') return tell(choice, bare) + encoder.push(event)
      if (event.type !== 'text') return encoder.push(event)
      words.set(choice, (words.get(choice) ?? '') + event.text)
      return ''
    },
    end: () => [...words.keys()].map((choice) => tell(choice, (text) => text)).join('') + encoder.end(),
  }
}

/** A model that knows no such format may have answered with the text itself. */
function bare(words: string): string {
  const value = parseObject(words)?.[KEY]
  return typeof value === 'string' ? value : words
}
