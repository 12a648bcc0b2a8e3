#!/usr/bin/env node
import { defineCommand, runMain } from 'citty'
import { version } from '../core/version.ts'

const main = defineCommand({
  meta: {
    name: 'byok',
    version,
    description: 'One local OpenAI-compatible endpoint for the AI subscriptions and API keys you already have',
  },
  subCommands: {
    serve: () => import('./serve.ts').then((module) => module.default),
  },
})

await runMain(main)
