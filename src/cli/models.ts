import { defineCommand } from 'citty'
import { z } from 'zod'
import type { Byok } from '../core/byok.ts'
import { plainLine, plainText } from '../core/text/plain-text.ts'
import type { Provider } from '../core/registry.ts'
import { runCommandBody } from './command.ts'
import { findProvider } from './find-provider.ts'
import { jsonArg, printJson } from './json.ts'
import { ownRequest } from './own-request.ts'
import { tableOf } from './table.ts'
import { configArgs, withByok } from './with-byok.ts'

const modelSchema = z.looseObject({
  id: z.string(),
  owned_by: z.string(),
  context_window: z.number().optional(),
  max_output_tokens: z.number().optional(),
  shutdown_date: z.string().optional(),
})

const listSchema = z.object({ data: z.array(modelSchema) })

type Model = z.output<typeof modelSchema>

const HEAD = ['Model', 'Provider', 'Context', 'Longest answer', 'Shut down on']

export default defineCommand({
  meta: { name: 'models', description: 'List the models you can use now' },
  args: {
    text: { type: 'positional', required: false, description: 'Only those whose name has this in it' },
    ...configArgs,
    provider: { type: 'string', valueHint: 'NAME', description: 'Only those of this provider' },
    json: jsonArg,
  },
  run: (context) =>
    runCommandBody(context, async (args) => {
      const { models, failures, disabled } = await withByok(args, async (byok) => {
        const { providers } = byok.registry
        const named = args.provider === undefined ? undefined : findProvider(byok, args.provider)
        // A list at hand is shown; one that is out of date is asked for first, because nobody stays here for the next.
        await Promise.all(providers.map((provider) => byok.modelLists.refresh(provider)))
        const response = await byok.fetch(ownRequest(byok, '/v1/models'))
        const listed = listSchema.parse(await response.json()).data
        if (named) listed.push(...(await underPrefix(byok, named, listed)))
        // One that offers others all the same is no concern of who looks for a model.
        const silent = (named ? [named] : providers).filter(({ models }) => models.size === 0)
        const reasons = silent.flatMap((provider) => {
          const reason = byok.modelLists.reasonOf(provider)
          return reason === undefined ? [] : [`No model of ${provider.name} can be listed: ${reason}`]
        })
        return { models: listed, failures: reasons, disabled: named?.config.enabled === false }
      })
      const wanted = args.text?.toLowerCase() ?? ''
      const shown = models.filter(
        ({ id, owned_by: owner }) =>
          id.toLowerCase().includes(wanted) && (args.provider === undefined || owner === args.provider),
      )
      if (args.json) return printJson(shown)
      const why = disabled
        ? `it is disabled, by providers.${args.provider}.enabled`
        : '`byok status` shows what is signed in to'
      for (const failure of failures) process.stderr.write(plainText(`${failure}\n`))
      const silenced = failures.length > 0 && (models.length === 0 || args.provider !== undefined)
      if (shown.length === 0 && silenced) process.exitCode = 1
      else if (models.length === 0)
        process.stdout.write('No provider is signed in to. Run `byok login`, or set a key.\n')
      else if (args.provider !== undefined && !models.some((model) => model.owned_by === args.provider))
        process.stdout.write(`No model of ${args.provider} can be used: ${why}.\n`)
      else if (shown.length === 0) process.stdout.write(`None of the ${models.length} models is called so.\n`)
      else process.stdout.write(`${await tableOf(HEAD, shown.map(rowOf), (column) => column > 1)}\n`)
    }),
})

/** Models of a provider whose name alone leads to another: by the name that leads to this one. */
async function underPrefix(byok: Byok, { name, models }: Provider, listed: Model[]): Promise<Model[]> {
  const taken = new Set(listed.filter(({ owned_by: owner }) => owner !== name).map(({ id }) => id))
  const found = [...models.keys()]
    .filter((id) => taken.has(id))
    .map(async (id) => {
      const response = await byok.fetch(ownRequest(byok, `/v1/models/${encodeURIComponent(`${name}/${id}`)}`))
      return response.ok ? [modelSchema.parse(await response.json())] : []
    })
  return (await Promise.all(found)).flat()
}

function rowOf(model: Model): string[] {
  const { id, owned_by: owner, context_window: context, max_output_tokens: output, shutdown_date: end = '' } = model
  return [plainLine(id), owner, tokens(context), tokens(output), end]
}

function tokens(count: number | undefined): string {
  return count === undefined ? '' : count.toLocaleString('en')
}
