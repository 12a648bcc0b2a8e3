import { text as readAll } from 'node:stream/consumers'
import { defineCommand } from 'citty'
import { plainText } from '../core/text/plain-text.ts'
import { abortOnSignal } from './abort-on-signal.ts'
import { chatLoop } from './chat-loop.ts'
import { ChatSession } from './chat-session.ts'
import { runCommandBody, UsageError } from './command.ts'
import { printJson } from './json.ts'
import { configArgs, withByok } from './with-byok.ts'

export default defineCommand({
  meta: { name: 'chat', description: 'Talk to a model in the terminal, or ask it what is piped in' },
  args: {
    model: { type: 'positional', required: true, description: 'Such as codex/gpt-6-sol; `byok models` lists them' },
    prompt: { type: 'positional', required: false, description: 'What to ask; without it, a conversation' },
    ...configArgs,
    system: { type: 'string', valueHint: 'TEXT', description: 'Instructions that stand before the conversation' },
    json: { type: 'boolean', default: false, description: 'The whole answer as JSON; for one question only' },
  },
  run: (context) =>
    runCommandBody(context, async (args) => {
      const { model, system, json } = args
      const prompt = await promptOf(args.prompt)
      if (prompt === undefined && json) throw new UsageError('--json needs a question: name one, or pipe it in.')
      await withByok(args, async (byok) => {
        const session = new ChatSession(byok, { model, system })
        if (prompt !== undefined) await ask(session, prompt, json)
        else await chatLoop({ session, input: process.stdin, write: print, onInterrupt })
      })
    }),
})

/** What a model says may come of a page that it read: a terminal would obey it, and let it write over what stands there. */
function print(text: string): void {
  process.stdout.write(process.stdout.isTTY ? plainText(text.replaceAll('\r', '')) : text)
}

function onInterrupt(handler: () => void): () => void {
  process.on('SIGINT', handler)
  return () => process.off('SIGINT', handler)
}

/**
 * The one question: the argument, and what is piped in after it. `undefined` for a conversation.
 * @throws {UsageError} where there is neither a question nor a person.
 */
async function promptOf(argument: string | undefined): Promise<string | undefined> {
  const piped = process.stdin.isTTY ? '' : (await readAll(process.stdin)).trim()
  const prompt = [argument ?? '', piped].filter((part) => part !== '').join('\n\n')
  if (prompt === '' && !process.stdin.isTTY) throw new UsageError('nothing was asked: name a question, or pipe one in.')
  return prompt === '' ? undefined : prompt
}

async function ask(session: ChatSession, prompt: string, json: boolean): Promise<void> {
  const abort = abortOnSignal()
  try {
    if (json) printJson(await session.complete(prompt, abort.signal))
    else {
      await session.say(prompt, { write: print, signal: abort.signal })
      print('\n')
    }
    if (abort.signal.aborted) process.exitCode = abort.exitCode()
  } catch (error) {
    if (abort.signal.aborted) process.exitCode = abort.exitCode()
    else throw error
  } finally {
    abort.stop()
  }
}
