import type { DevicePrompt, LoginUi } from '../core/auth/context.ts'
import { coloured } from '../core/log/color.ts'
import { plainText } from '../core/text/plain-text.ts'
import { LineReader } from './line-reader.ts'
import { timeLeft } from './human-time.ts'

export interface TerminalUiOptions {
  /** What people call the provider. */
  title: string
  /** Whether a browser may be opened. */
  opens: boolean
  output?: NodeJS.WriteStream
  input?: NodeJS.ReadStream
  env?: NodeJS.ProcessEnv
  /** Default: the package `open`. */
  openBrowser?: (url: string) => Promise<void>
}

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']
const FRAME_MS = 100

/** A login in a terminal. Without one, all that matters is printed as plain lines. */
export function terminalUi(options: TerminalUiOptions): LoginUi & { close(): void } {
  const { title, output = process.stdout, input = process.stdin, env = process.env } = options
  const openBrowser = options.openBrowser ?? systemBrowser
  let lines: LineReader | undefined
  const print = (text: string) => void output.write(`${text}\n`)
  /** Of what a server said. */
  const say = (text: string) => print(plainText(text))

  function show(url: string): void {
    say(`\n  ${url}\n`)
    // The address is there in any case; a browser that does not open is no failure.
    if (options.opens && hasBrowser(env)) void openBrowser(url).catch(() => {})
  }

  return {
    openUrl(url) {
      print(`Sign in to ${title} here:`)
      show(url)
    },

    showDeviceCode(prompt, done) {
      print(`Sign in to ${title} here, and enter the code:`)
      print(`\n${large(plainText(prompt.userCode), coloured(output, env))}`)
      show(prompt.completeUrl ?? prompt.url)
      if (prompt.completeUrl !== undefined && prompt.completeUrl !== prompt.url) {
        say(`  On another device: ${prompt.url}\n`)
      }
      if (output.isTTY && env['TERM'] !== 'dumb') spin(prompt, done, output)
      else print(`Waiting for you to sign in; the code is good for ${timeLeft(prompt.expiresAt - Date.now())}.`)
    },

    async askRedirect(done, problem) {
      if (!lines) {
        lines = new LineReader(input)
        print(
          'Waiting for the browser to come back. If it runs on another machine, or ends at a page that does not load,',
        )
        print('paste the address it ended at here and press Enter:')
      }
      if (problem !== undefined) say(problem)
      return await lines.next(done)
    },

    note: say,

    close() {
      lines?.close()
    },
  }
}

/** A box around the code, with room between its characters. */
function large(code: string, bold: boolean): string {
  const spaced = [...code].join(' ')
  const line = '─'.repeat(spaced.length + 6)
  const shown = bold ? `\u001B[1m${spaced}\u001B[22m` : spaced
  // The code as it is typed stands below: spaces would be copied with it.
  return `  ┌${line}┐\n  │   ${shown}   │\n  └${line}┘\n  Code: ${code}`
}

/** One line that is written over until `done`, then wiped. */
function spin({ expiresAt }: DevicePrompt, done: AbortSignal, output: NodeJS.WriteStream): void {
  let frame = 0
  const draw = () => {
    const spinner = FRAMES[frame++ % FRAMES.length] ?? ''
    output.write(`\r\u001B[2K${spinner} Waiting for you to sign in. ${timeLeft(expiresAt - Date.now())} left.`)
  }
  output.write('\u001B[?25l')
  draw()
  const timer = setInterval(draw, FRAME_MS)
  const stop = () => {
    clearInterval(timer)
    output.write('\r\u001B[2K\u001B[?25h')
  }
  if (done.aborted) stop()
  else done.addEventListener('abort', stop, { once: true })
}

/** Over SSH a browser would open on the wrong machine; without a display it would be a text browser in this terminal. */
function hasBrowser(env: NodeJS.ProcessEnv): boolean {
  if (env['SSH_CONNECTION'] || env['SSH_TTY']) return false
  if (process.platform === 'darwin' || process.platform === 'win32') return true
  return Boolean(env['DISPLAY'] || env['WAYLAND_DISPLAY'] || env['WSL_DISTRO_NAME'])
}

async function systemBrowser(url: string): Promise<void> {
  const { default: open } = await import('open')
  const child = await open(url)
  // A missing program is told by an event, which nobody else listens to.
  child.on('error', () => {})
  child.unref()
}
