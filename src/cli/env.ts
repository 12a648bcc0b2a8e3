import { defineCommand } from 'citty'
import { basename } from 'node:path'
import { runCommandBody, UsageError } from './command.ts'
import { jsonArg, printJson } from './json.ts'
import { shellText } from './shell-word.ts'
import { ANY_KEY } from '../core/config/index.ts'
import { setupContext } from '../core/setup/context.ts'
import type { SetupContext } from '../core/setup/tool.ts'
import { checkKnownPort, checkUrl, urlArg } from './url-arg.ts'
import { configArgs, withByok } from './with-byok.ts'

/** How each shell sets a variable. */
export const ENV_SHELLS: Record<string, (name: string, value: string) => string> = {
  bash: posixExport,
  zsh: posixExport,
  sh: posixExport,
  fish: (name, value) => `set -gx ${name} '${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`,
  powershell: (name, value) => `$env:${name} = '${value.replaceAll("'", "''")}'`,
}

export default defineCommand({
  meta: {
    name: 'env',
    description: 'Print what a shell exports for tools that read their endpoint from the environment',
  },
  args: {
    ...configArgs,
    json: jsonArg,
    shell: {
      type: 'string',
      valueHint: 'SHELL',
      description: `${Object.keys(ENV_SHELLS).join(', ')} (default: yours)`,
    },
    ...urlArg,
    key: { type: 'string', valueHint: 'KEY', description: 'A key that byok key create made, where byok needs one' },
  },
  run: (context) =>
    runCommandBody(context, async (args) => {
      const shell = args.shell ?? ownShell()
      const line = Object.hasOwn(ENV_SHELLS, shell) ? ENV_SHELLS[shell] : undefined
      if (!line)
        throw new UsageError(`unknown shell ${JSON.stringify(shell)}. There are ${Object.keys(ENV_SHELLS).join(', ')}.`)
      checkUrl(args.url)
      const facts = await withByok(args, (byok) => {
        checkKnownPort(args.url, byok.config)
        return setupContext(byok, { ...args, model: '' })
      })
      if (args.json) return printJson(variables(facts))
      const lines = Object.entries(variables(facts)).map(([name, value]) => line(name, value))
      const taken = ' byok itself would take these keys for your own: start it from another.'
      const note = `# For the shell your tools run in.${facts.key === ANY_KEY ? '' : taken}`
      process.stdout.write(`${note}\n${lines.join('\n')}\n`)
    }),
})

/** Read by: openai-node src/client.ts; litellm (aider); @anthropic-ai/sdk src/client.ts; gemini-cli docs/reference/configuration.md. */
function variables({ origin, key }: SetupContext): Record<string, string> {
  return {
    OPENAI_BASE_URL: `${origin}/v1`,
    OPENAI_API_BASE: `${origin}/v1`,
    OPENAI_API_KEY: key,
    ANTHROPIC_BASE_URL: origin,
    ANTHROPIC_AUTH_TOKEN: key,
    GOOGLE_GEMINI_BASE_URL: origin,
    GEMINI_API_KEY: key,
  }
}

function posixExport(name: string, value: string): string {
  return `export ${name}=${shellText(value)}`
}

function ownShell(): string {
  const shell = basename(process.env['SHELL'] ?? '').replace(/\.exe$/, '')
  if (Object.hasOwn(ENV_SHELLS, shell)) return shell
  return process.platform === 'win32' ? 'powershell' : 'sh'
}
