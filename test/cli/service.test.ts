import { mkdtemp, readdir, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { launchdAgent, systemdUnit } from '../../src/cli/service-files.ts'
import { cli, ownHome } from './login-support.ts'

const command = ['/opt/no de/bin/node', '/x/main.js', 'serve', '-c', '/a "b" 100%$HOME.yaml']

describe('service files', () => {
  it('quote for systemd', () => {
    const { path, content } = systemdUnit({ home: '/home/ann', command, env: {} })
    expect(path).toBe('/home/ann/.config/systemd/user/byok.service')
    expect(content).toContain('ExecStart="/opt/no de/bin/node" /x/main.js serve -c "/a \\"b\\" 100%%$$HOME.yaml"\n')
    expect(systemdUnit({ home: '/h', command, env: { XDG_CONFIG_HOME: '/x' } }).path).toBe(
      '/x/systemd/user/byok.service',
    )
  })

  it('quote for launchd', () => {
    const { path, content, start } = launchdAgent({ home: '/Users/a & b', command: ['/n', 'a<b'], env: {} })
    expect(path).toBe('/Users/a & b/Library/LaunchAgents/byok.serve.plist')
    expect(content).toContain('<string>a&lt;b</string>')
    expect(content).toContain('<string>/Users/a &amp; b/Library/Logs/byok.log</string>')
    expect(start).toEqual([`launchctl bootstrap gui/$(id -u) '${path}'`])
  })
})

describe('byok service', () => {
  it('writes a unit, only there, says how to start it, and takes it away again', async () => {
    const home = ownHome(await mkdtemp(join(tmpdir(), 'byok-service-')))
    const args = ['--manager', 'systemd', '--home', home]
    const run = await cli(['service', 'install', ...args, '-c', '/etc/byok.yaml', '-p', '9000'], { home })
    expect(await run.exited).toBe(0)
    expect(run.stdout()).toContain('systemctl --user enable --now byok')
    const unit = join(home, '.config/systemd/user/byok.service')
    expect(await readFile(unit, 'utf8')).toMatch(/^ExecStart=\S+ .*main\.[jt]s serve -c \/etc\/byok\.yaml -p 9000$/m)
    expect(await readdir(home)).toEqual(['.config'])
    const removed = await cli(['service', 'remove', ...args, '--json'], { home })
    expect(await removed.exited).toBe(0)
    expect(JSON.parse(removed.stdout())).toMatchObject({ path: unit, removed: true })
    const again = await cli(['service', 'remove', ...args], { home })
    expect(await again.exited).toBe(0)
    expect(again.stdout()).toContain('There is no service')
  })

  it('only shows it where that is asked', async () => {
    const home = ownHome(await mkdtemp(join(tmpdir(), 'byok-service-')))
    const run = await cli(['service', 'install', '--print', '--manager', 'launchd'], { home })
    expect(await run.exited).toBe(0)
    expect(run.stdout()).toContain('<key>ProgramArguments</key>')
    expect(await readdir(home)).toEqual([])
    const wrong = await cli(['service', 'install', '--manager', 'cron'], { home })
    expect(await wrong.exited).toBe(2)
  })
})
