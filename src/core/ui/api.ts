import type { H3Event } from 'h3'
import { isServerUrl } from '../address.ts'
import { oauthOf } from '../auth/method.ts'
import { ChatError, invalidRequest } from '../chat/index.ts'
import { settingsOf } from '../config/settings.ts'
import { mayStillAdminister } from '../routes/admin.ts'
import { readJsonObject } from '../routes/body.ts'
import { openaiChatProtocol } from '../protocols/openai-chat/index.ts'
import { chatRoute } from '../routes/chat.ts'
import { offeredModels } from '../routes/offered.ts'
import type { RouteHandler } from '../routes/route.ts'
import type { UiParts } from '../routes/ui.ts'
import type { Provider } from '../registry.ts'
import { notesOf, setupContext, withoutSecret } from '../setup/context.ts'
import { tools } from '../setup/tools.ts'
import { ConfigFiles } from './config-files.ts'
import { accountSchema, draftSchema, keySchema, parseInput, redirectSchema, signInSchema } from './input.ts'
import { keyPathOf, withKey, withoutKey } from './keys.ts'
import { Live } from './live.ts'
import { Mailbox } from './mailbox.ts'
import { overviewOf, sourceOfKey } from './overview.ts'
import { Pages } from './pages.ts'
import { SignIns } from './sign-in.ts'
import type { ConfigView, ModelView, ToolView } from './types.ts'
import { usageOf } from './usage.ts'

const MOST_DAYS = 366

/** What the page asks byok and tells it to do, below `/ui/api`. Who asks was looked at before. */
export function createUiApi({ context, byok: running, files, check }: UiParts) {
  const { registry, quotas, hooks, cache } = context
  const byok = running()
  const config = new ConfigFiles({ files, registry, check, reload: () => byok.reload() })
  const overview = () => overviewOf({ byok, quotas, isFile: (source) => config.isFile(source) })
  const pages = new Pages({ live: new Live(context), overview, hooks })
  const mailbox = new Mailbox(cache.memoryShared ? cache.memory : undefined)
  const signIns = new SignIns(mailbox)
  for (const name of ['stop', 'close'] as const) hooks.hook(name, () => signIns.close())

  const bodyOf = (event: H3Event) => readJsonObject(event, context.config.server)

  return {
    events: (event) => pages.open(() => context.config.ui && mayStillAdminister(context, event)),

    async usage(event) {
      const days = Number(event.url.searchParams.get('days') ?? 7)
      if (!Number.isInteger(days) || days < 1 || days > MOST_DAYS) {
        throw invalidRequest(`\`days\` is a whole number from 1 to ${MOST_DAYS}.`, 'days')
      }
      return Response.json(await usageOf(byok.usage, context.config.usage.enabled, days))
    },

    async models(_event, info) {
      const models = await offeredModels(context, info)
      return Response.json(models.map(({ id, provider }): ModelView => ({ id, provider: provider.name })))
    },

    chat: chatRoute(context, openaiChatProtocol),

    async signIn(event) {
      const { provider: name, account } = parseInput(signInSchema, await bodyOf(event))
      const provider = find(name)
      if (!oauthOf(provider.plugin.auth)) throw invalidRequest(`${provider.title} has no login.`, 'provider')
      return signIns.begin(byok.auth, provider, account)
    },

    async redirect(event) {
      const { id, text } = parseInput(redirectSchema, await bodyOf(event))
      if (!(await mailbox.leave(id, text))) throw invalidRequest('That sign-in is over. Begin it again.', 'id')
      return done()
    },

    async signOut(event) {
      const { provider: name, account, kind } = parseInput(accountSchema, await bodyOf(event))
      const provider = find(name)
      if (kind === 'oauth') {
        if (!(await context.store.delete(name, account))) throw invalidRequest('There is no such login.', 'account')
        return done()
      }
      const source = sourceOfKey(byok, name, account)
      const path = keyPathOf(provider.config, name, account)
      if (source === undefined || !path || !config.isFile(source)) {
        throw new ChatError(`This key comes from ${source ?? 'elsewhere'}. Take it away there, and start byok again.`, {
          status: 409,
          type: 'invalid_request_error',
          code: 'conflict',
        })
      }
      await config.change(source, (text) => withoutKey(text, path))
      return done()
    },

    async wake(event) {
      const named = parseInput(accountSchema, await bodyOf(event))
      await byok.routing.wake(find(named.provider), named)
      return done()
    },

    async addKey(event) {
      const { provider: name, key } = parseInput(keySchema, await bodyOf(event))
      const provider = find(name)
      if (!provider.plugin.auth.some(({ kind }) => kind === 'api_key')) {
        throw invalidRequest(`${provider.title} takes no keys.`, 'provider')
      }
      await config.change(undefined, (text) => withKey(text, name, key))
      return done()
    },

    async config() {
      const view: ConfigView = { files: await config.list(), settings: settingsOf(byok) }
      return Response.json(view)
    },

    checkConfig: async (event) => Response.json(await config.check(parseInput(draftSchema, await bodyOf(event)))),

    saveConfig: async (event) => Response.json(await config.save(parseInput(draftSchema, await bodyOf(event)))),

    async setup({ url: { searchParams } }) {
      const given = { url: searchParams.get('url') || undefined, model: searchParams.get('model') || undefined }
      if (given.url !== undefined && !isServerUrl(given.url)) {
        throw invalidRequest('`url` is an address such as http://localhost:8018.', 'url')
      }
      const facts = withoutSecret(await setupContext(byok, given))
      return Response.json(
        tools.map((tool): ToolView => ({
          name: tool.name,
          title: tool.title,
          files: tool.files.map(({ path, edit }) => ({ path, text: edit('', facts) })),
          notes: notesOf(tool, facts),
        })),
      )
    },
  } satisfies Record<string, RouteHandler>

  function find(name: string): Provider {
    const provider = registry.providers.find((one) => one.name === name)
    if (!provider?.config.enabled) throw invalidRequest('There is no such provider, or it is disabled.', 'provider')
    return provider
  }
}

export type UiApi = ReturnType<typeof createUiApi>

function done(): Response {
  return Response.json({ done: true })
}
