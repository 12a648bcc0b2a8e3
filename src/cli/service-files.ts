import { join } from 'node:path'

/** A background service of one user, as its system wants it. */
export interface ServiceFile {
  /** Where the system looks for it. */
  path: string
  content: string
  /** Commands that start it, and have it start at each login. */
  start: string[]
  /** Commands that stop it, before its file goes. */
  stop: string[]
  /** Where it logs. */
  logs: string
}

export interface ServiceOptions {
  home: string
  /** The program and its arguments. */
  command: string[]
  env: Record<string, string | undefined>
}

/**
 * A systemd user unit.
 * @see https://www.freedesktop.org/software/systemd/man/latest/systemd.service.html, "Command lines" for the quoting
 */
export function systemdUnit({ home, command, env }: ServiceOptions): ServiceFile {
  const folder = env['XDG_CONFIG_HOME'] || join(home, '.config')
  return {
    path: join(folder, 'systemd', 'user', 'byok.service'),
    content: `[Unit]
Description=byok: AI subscriptions and keys as one local endpoint
After=network-online.target

[Service]
ExecStart=${command.map(systemdWord).join(' ')}
ExecReload=/bin/kill -HUP $MAINPID
Restart=on-failure
# A port that is taken or a broken config does not mend itself at once.
RestartSec=5
WorkingDirectory=%h
NoNewPrivileges=true

[Install]
WantedBy=default.target
`,
    start: ['systemctl --user daemon-reload', 'systemctl --user enable --now byok'],
    stop: ['systemctl --user disable --now byok'],
    logs: 'journalctl --user -u byok -f',
  }
}

const LABEL = 'byok.serve'

/** A launchd agent. See `man launchd.plist`. */
export function launchdAgent({ home, command }: ServiceOptions): ServiceFile {
  const path = join(home, 'Library', 'LaunchAgents', `${LABEL}.plist`)
  const log = join(home, 'Library', 'Logs', 'byok.log')
  const words = command.map((word) => `    <string>${xmlText(word)}</string>`).join('\n')
  return {
    path,
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
  <key>RunAtLoad</key>
  <true/>
  <key>KeepAlive</key>
  <dict>
    <key>SuccessfulExit</key>
    <false/>
  </dict>
  <key>WorkingDirectory</key>
  <string>${xmlText(home)}</string>
  <key>StandardOutPath</key>
  <string>${xmlText(log)}</string>
  <key>StandardErrorPath</key>
  <string>${xmlText(log)}</string>
</dict>
</plist>
`,
    start: [`launchctl bootstrap gui/$(id -u) ${shellWord(path)}`],
    stop: [`launchctl bootout gui/$(id -u)/${LABEL}`],
    logs: `tail -f ${shellWord(log)}`,
  }
}

/** `%` and `$` mean something to systemd, quoted or not. */
function systemdWord(word: string): string {
  const text = word.replaceAll('%', '%%').replaceAll('$', '$$$$')
  return /^[\w./:=@%$+-]+$/.test(text) ? text : `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
}

function xmlText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

function shellWord(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}
