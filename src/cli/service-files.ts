import { realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { shellWord } from './shell-word.ts'

/** A background service of one user, as its system wants it. */
export interface ServiceFile {
  /** Where the system looks for it. */
  path: string
  content: string
  /** What its system has made besides the file, by starting it, and what goes with it. */
  links: string[]
  /** Commands that start it, and have it start at each login. */
  start: string[]
  /** Commands that have one that runs take over what its file says now. */
  restart: string[]
  /** Commands that stop it; they work once the file is gone too. */
  stop: string[]
  /** Shows its log. */
  logs: string
  /** What else to know before it is started. */
  notes: string[]
}

export interface ServiceOptions {
  home: string
  /** The program and its arguments. */
  command: string[]
  /** The environment it is installed in, of which it gets the variables of proxies. */
  env: Record<string, string | undefined>
}

/**
 * Neither system hands on what the shell has that a service is installed from, and who needs a proxy reaches no provider without
 * (lidge-jun/opencodex pull request 2116, kunchenguid/no-mistakes pull request 322).
 */
function proxyVariables(env: ServiceOptions['env']): [name: string, value: string][] {
  const names = ['http_proxy', 'https_proxy', 'all_proxy', 'no_proxy'].flatMap((name) => [name, name.toUpperCase()])
  return names.flatMap((name): [string, string][] => {
    const value = env[name]
    // What would end the line is no address.
    return value && !/[\r\n]/.test(value) ? [[name, value]] : []
  })
}

/**
 * A systemd user unit.
 * @see https://www.freedesktop.org/software/systemd/man/latest/systemd.service.html, "Command lines" for the quoting, and
 * `RestartPreventExitStatus=`, which outranks `Restart=`
 */
export function systemdUnit({ home, command, env }: ServiceOptions): ServiceFile {
  const folder = join(env['XDG_CONFIG_HOME'] || join(home, '.config'), 'systemd', 'user')
  const environment = proxyVariables(env).map(
    ([name, value]) => `Environment=${quoted(`${name}=${value}`.replaceAll('%', '%%'))}\n`,
  )
  return {
    path: join(folder, 'byok.service'),
    // Made by `enable`. `disable` does not take it away any more once the unit is gone.
    links: [join(folder, 'default.target.wants', 'byok.service')],
    content: `[Unit]
Description=byok: AI subscriptions and keys as one local endpoint

[Service]
ExecStart=${command.map(systemdWord).join(' ')}
ExecReload=/bin/kill -HUP $MAINPID
Restart=on-failure
# A port that is taken does not become free at once.
RestartSec=5
# A broken config does not mend itself.
RestartPreventExitStatus=2
WorkingDirectory=%h
NoNewPrivileges=true
${environment.join('')}
[Install]
WantedBy=default.target
`,
    start: ['systemctl --user daemon-reload', 'systemctl --user enable --now byok'],
    restart: ['systemctl --user daemon-reload', 'systemctl --user restart byok'],
    stop: ['systemctl --user stop byok', 'systemctl --user daemon-reload'],
    logs: 'journalctl --user -u byok -f',
    notes: ['It runs while you are logged in; `loginctl enable-linger` has it run from the start of the machine on.'],
  }
}

const LABEL = 'byok.serve'
/** Seconds that launchd waits before it kills: of its own it waits 20, and a login that is just being renewed has to be stored. */
const EXIT_TIMEOUT = 65

/** A launchd agent. See `man launchd.plist`. */
export function launchdAgent({ home, command, env }: ServiceOptions): ServiceFile {
  const path = join(home, 'Library', 'LaunchAgents', `${LABEL}.plist`)
  const log = join(home, 'Library', 'Logs', 'byok.log')
  const start = `launchctl bootstrap gui/$(id -u) ${shellWord(path)}`
  const stop = `launchctl bootout gui/$(id -u)/${LABEL}`
  const variables = proxyVariables(env).map(
    ([name, value]) => `    <key>${name}</key>\n    <string>${xmlText(value)}</string>\n`,
  )
  const environment =
    variables.length === 0 ? '' : `  <key>EnvironmentVariables</key>\n  <dict>\n${variables.join('')}  </dict>\n`
  const words = command.map((word) => `    <string>${xmlText(word)}</string>`).join('\n')
  return {
    path,
    links: [],
    content: `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key>
  <string>${LABEL}</string>
  <key>ProgramArguments</key>
  <array>
${words}
  </array>
${environment}  <key>RunAtLoad</key>
  <true/>
  <key>KeepAlive</key>
  <dict>
    <key>SuccessfulExit</key>
    <false/>
  </dict>
  <key>ExitTimeOut</key>
  <integer>${EXIT_TIMEOUT}</integer>
  <key>WorkingDirectory</key>
  <string>${xmlText(home)}</string>
  <key>StandardOutPath</key>
  <string>${xmlText(log)}</string>
  <key>StandardErrorPath</key>
  <string>${xmlText(log)}</string>
</dict>
</plist>
`,
    start: [start],
    restart: [stop, start],
    stop: [stop],
    logs: `tail -f ${shellWord(log)}`,
    notes: [],
  }
}

/** What each system's manager of services wants. */
export const MANAGERS = { systemd: systemdUnit, launchd: launchdAgent }

/**
 * What to know of a program in a cache of npm's, which may be emptied: `npx byok` runs from `_npx` in it (npm/cli,
 * workspaces/config/lib/definitions/definitions.js, `npxCache`).
 */
export function cacheNote(script: string): string | undefined {
  if (!script.split(/[\\/]/).includes('_npx')) return undefined
  return "This byok is in npx's cache, and the service breaks once npm empties that. Install it for good (`npm install --global byok`), then run `byok service install` again."
}

/**
 * The name of a file of Homebrew's that lasts: the folder of a version goes with `brew upgrade`, the one in `opt` leads to the next
 * (docs.brew.sh/Formula-Cookbook, `opt_prefix`). Node calls itself by the first (pingdotgg/t3code#11054). Of others, their own.
 */
export async function lastingPath(path: string): Promise<string> {
  const lasting = path.replace(/\/Cellar\/([^/]+)\/[^/]+\//, '/opt/$1/')
  const leadsTo = await realpath(lasting).catch(() => undefined)
  return leadsTo === path ? lasting : path
}

/** `%` and `$` mean something to systemd, quoted or not. */
function systemdWord(word: string): string {
  return quoted(word.replaceAll('%', '%%').replaceAll('$', '$$$$'))
}

function quoted(text: string): string {
  return /^[\w./:=@%$+-]+$/.test(text) ? text : `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
}

function xmlText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
