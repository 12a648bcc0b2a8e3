import { defineCommand } from 'citty'
import type { OWN_COMMANDS } from '../core/plugin/names.ts'
import { version } from '../core/version.ts'

/** Every command. Each is loaded when it is asked for. */
export const main = defineCommand({
  meta: {
    name: 'byok',
    version,
    description: 'One local OpenAI-compatible endpoint for the AI subscriptions and API keys you already have',
  },
  subCommands: {
    serve: () => import('./serve.ts').then((module) => module.default),
    login: () => import('./login.ts').then((module) => module.default),
    logout: () => import('./logout.ts').then((module) => module.default),
    status: () => import('./status.ts').then((module) => module.default),
    usage: () => import('./usage.ts').then((module) => module.default),
    key: () => import('./key.ts').then((module) => module.default),
    setup: () => import('./setup.ts').then((module) => module.default),
    env: () => import('./env.ts').then((module) => module.default),
    logs: () => import('./logs.ts').then((module) => module.default),
    models: () => import('./models.ts').then((module) => module.default),
    chat: () => import('./chat.ts').then((module) => module.default),
    config: () => import('./config.ts').then((module) => module.default),
    doctor: () => import('./doctor.ts').then((module) => module.default),
    service: () => import('./service.ts').then((module) => module.default),
    completions: () => import('./completions.ts').then((module) => module.default),
    import: () => import('./import.ts').then((module) => module.default),
  } satisfies Record<(typeof OWN_COMMANDS)[number], unknown>,
})
