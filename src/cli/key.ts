import { defineCommand } from 'citty'

export default defineCommand({
  meta: { name: 'key', description: 'Make, list and take back the keys that clients send to byok' },
  subCommands: {
    create: () => import('./key-create.ts').then((module) => module.default),
    list: () => import('./key-list.ts').then((module) => module.default),
    revoke: () => import('./key-revoke.ts').then((module) => module.default),
  },
})
