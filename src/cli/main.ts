#!/usr/bin/env node
import { main } from './commands.ts'
import { allowGoneReaders } from './gone-readers.ts'
import { runCommandLine } from './run-main.ts'

const argv = process.argv.slice(2)
allowGoneReaders(argv[0] === 'serve')
await runCommandLine(main, argv)
