#!/usr/bin/env node
import { main } from './commands.ts'
import { allowGoneReaders } from './gone-readers.ts'
import { runCommandLine } from './run-main.ts'

const argv = process.argv.slice(2)
const [first = ''] = argv
allowGoneReaders(first === 'serve')
// One of byok's own commands, which most are, needs to know of no other.
const known = Object.hasOwn(main.subCommands ?? {}, first) || first === '--version'
await runCommandLine(known ? main : await (await import('./plugin-commands.ts')).withPluginCommands(main, argv), argv)
