import { isObject, objects } from '../../json/json.ts'
import type { JsonObject } from '../json.ts'

/** "A maximum of 4 blocks with cache_control may be provided. Found 5." */
const MOST = 4

/**
 * A body with no more cache breakpoints than Claude takes, and none kept for an hour after one that is not, for which it refuses the request as
 * well. The last one of the tools and of the system prompt stay, and the latest in the conversation: what stands before them is kept by these.
 *
 * Source: router-for-me/CLIProxyAPI internal/runtime/executor/claude_executor_cloaking.go, `enforceCacheControlLimit` and
 * `normalizeCacheControlTTL`.
 */
export function withFewBreakpoints(body: JsonObject): JsonObject {
  const { tools, system, messages } = body
  const [ofTools, ofSystem] = [breakpoints(tools), breakpoints(system)]
  const all = [...ofTools, ...ofSystem, ...objects(messages).flatMap(({ content }) => breakpoints(content))]
  if (all.length === 0) return body
  const first = objects([ofTools.at(-1), ofSystem.at(-1)])
  const latest = all.toReversed().filter((block) => !first.includes(block))
  const kept = new Set(all.length > MOST ? [...first, ...latest].slice(0, MOST) : all)
  const short = all.findIndex((block) => kept.has(block) && !isLong(block))
  const tooLong = new Set(short === -1 ? [] : all.slice(short).filter(isLong))
  if (kept.size === all.length && tooLong.size === 0) return body
  const write = (blocks: unknown) => written(blocks, kept, tooLong)
  return {
    ...body,
    ...(tools !== undefined && { tools: write(tools) }),
    ...(system !== undefined && { system: write(system) }),
    messages: objects(messages).map((message) => ({ ...message, content: write(message['content']) })),
  }
}

/** The blocks that have one, in the order in which Claude reads them; those within a tool's result among them. */
function breakpoints(blocks: unknown): JsonObject[] {
  return objects(blocks).flatMap((block) => [
    ...breakpoints(block['content']),
    ...(isObject(block['cache_control']) ? [block] : []),
  ])
}

function isLong({ cache_control: control }: JsonObject): boolean {
  return isObject(control) && control['ttl'] === '1h'
}

function written(blocks: unknown, kept: ReadonlySet<JsonObject>, tooLong: ReadonlySet<JsonObject>): unknown {
  if (!Array.isArray(blocks)) return blocks
  return objects(blocks).map((block) => {
    const { cache_control: control, content, ...rest } = block
    return {
      ...rest,
      ...(content !== undefined && { content: written(content, kept, tooLong) }),
      ...(control !== undefined && kept.has(block) && { cache_control: tooLong.has(block) ? SHORT : control }),
    }
  })
}

const SHORT = { type: 'ephemeral' }
