import { createParser } from 'eventsource-parser'

/** Who takes each event's data, by the event's name. */
export type Handlers<Events> = { [Name in keyof Events]?: (data: Events[Name]) => void }

/**
 * Reads a response of byok's that is written event by event, to its end.
 * @param heard told of each piece that comes, even where it only keeps the connection alive
 */
export async function readEvents<Events>(
  response: Response,
  handlers: Handlers<Events>,
  heard?: () => void,
): Promise<void> {
  const take = (name: string, text: string) => {
    if (!isKey(handlers, name)) return
    // Both ends are byok's, of one version, and share their types.
    handlers[name]?.(JSON.parse(text) as Events[typeof name])
  }
  await readMessages(response, take, heard)
}

/** Reads any response of server-sent events, to its end. */
export async function readMessages(
  response: Response,
  take: (event: string, data: string) => void,
  heard: () => void = () => {},
): Promise<void> {
  const parser = createParser({ onEvent: ({ event, data }) => take(event ?? 'message', data) })
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  for (;;) {
    const read = await reader?.read()
    if (!read || read.done) return
    heard()
    parser.feed(read.value)
  }
}

function isKey<T extends object>(object: T, key: string): key is keyof T & string {
  return Object.hasOwn(object, key)
}
