import type { Config } from '../config/schema.ts'
import type { ModelInfo } from '../plugin/plugin.ts'
import type { Registry } from '../registry.ts'
import { infoOf } from './merge.ts'

/** How long before a model's last day who names it in config is warned: 30 days. */
const NOTICE = 30 * 86_400_000

/** That a model is shut down, and what to ask in its place; undefined where no such day is known. */
export function shutdownNote({ id, shutdownDate, replacement }: ModelInfo, now = Date.now()): string | undefined {
  if (shutdownDate === undefined) return undefined
  const verb = Date.parse(shutdownDate) <= now ? 'was' : 'is'
  const instead = replacement === undefined ? '' : ` Ask for ${replacement} instead.`
  return `${id} ${verb} shut down on ${shutdownDate}.${instead}`
}

/** Names in config's `models` that lead to nothing but a model which is shut down, or soon will be. */
export function shutdownWarnings(registry: Registry, { models }: Pick<Config, 'models'>, now = Date.now()): string[] {
  return Object.entries(models).flatMap(([name, targets]) =>
    targets.flatMap((target) => {
      const infos = infosOf(registry, target)
      const note = infos[0] && infos.every(endsSoon) ? shutdownNote(infos[0], now) : undefined
      return note === undefined ? [] : [`models.${name} names ${target}. ${note}`]
    }),
  )

  function endsSoon({ shutdownDate }: ModelInfo): boolean {
    return shutdownDate !== undefined && Date.parse(shutdownDate) - NOTICE <= now
  }
}

/** What is known of a model at each provider that may serve it; nothing where there is none. */
function infosOf(registry: Registry, model: string): ModelInfo[] {
  try {
    return registry.candidates(model).map(({ provider, model: id }) => infoOf(provider, id) ?? { id })
  } catch {
    return []
  }
}
