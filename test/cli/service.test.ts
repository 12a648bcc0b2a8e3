import { mkdir, mkdtemp, readdir, readFile, realpath, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { cacheNote, lastingPath, launchdAgent, systemdUnit } from '../../src/cli/service-files.ts'
import { commandLine } from '../helpers/command-line.ts'
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

  it('have the proxies of the shell, which neither system hands on', () => {
    const env = {
      HTTPS_PROXY: 'http://u:p%40$a@proxy:3128',
      no_proxy: 'a, b',
      ANTHROPIC_API_KEY: 'sk-ant-x',
      http_proxy: '',
    }
    const unit = systemdUnit({ home: '/h', command, env }).content
    expect(unit.match(/^Environment=.*$/gm)).toEqual([
      'Environment=HTTPS_PROXY=http://u:p%%40$a@proxy:3128',
      'Environment="no_proxy=a, b"',
    ])
    const agent = launchdAgent({ home: '/h', command, env: { ...env, ALL_PROXY: 'socks5h://a&b' } }).content
    expect(agent).toContain('<key>HTTPS_PROXY</key>\n    <string>http://u:p%40$a@proxy:3128</string>')
    expect(agent).toContain('<key>ALL_PROXY</key>\n    <string>socks5h://a&amp;b</string>')
    expect(unit + agent).not.toContain('sk-ant-x')
    expect(launchdAgent({ home: '/h', command, env: {} }).content).not.toContain('EnvironmentVariables')
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
    const config = join(ownHome(await mkdtemp(join(tmpdir(), 'byok-service-'))), 'byok.yaml')
    await writeFile(config, 'port: 9000\n')
    const run = await cli(['service', 'install', ...args, '-c', config, '-p', '9000'], { home })
    expect(await run.exited).toBe(0)
    expect(run.stdout()).toContain('systemctl --user enable --now byok')
    const unit = join(home, '.config/systemd/user/byok.service')
    const text = await readFile(unit, 'utf8')
    expect((await stat(unit)).mode & 0o777).toBe(0o600)
    expect(text).toMatch(/^ExecStart=\S+ .*main\.[jt]s serve -c \S+\/byok\.yaml -p 9000$/m)
    expect(text).toContain(` -c ${config} `)
    // What a new start does not mend is not started again.
    expect(text).toMatch(/^RestartPreventExitStatus=2$/m)
    expect(await readdir(home)).toEqual(['.config'])
    const removed = await cli(['service', 'remove', ...args, '--json'], { home })
    expect(await removed.exited).toBe(0)
    expect(JSON.parse(removed.stdout())).toMatchObject({ path: unit, removed: true })
    const again = await cli(['service', 'remove', ...args], { home })
    expect(await again.exited).toBe(0)
    expect(again.stdout()).toContain('There is no service')
  })

  it.each([
    [['-c', '/nope.yaml'], 'there is no file /nope.yaml'],
    [['-c', '.'], 'there is no file /'],
    [['-p', '99999'], '--port takes a number up to 65535'],
    [['-p', 'x'], '--port takes a number up to 65535'],
  ])('writes none that could not start: %j', async (args, message) => {
    const { code, stderr, home } = await commandLine(['service', 'install', '--manager', 'systemd', ...args])
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)])
    expect(await readdir(home)).toEqual([])
  })

  it('name a program of Homebrew’s by what an upgrade leaves', async () => {
    const prefix = await realpath(ownHome(await mkdtemp(join(tmpdir(), 'byok-brew-'))))
    const bin = join(prefix, 'Cellar/node@24/24.9.0_1/bin')
    const node = join(bin, 'node')
    await mkdir(bin, { recursive: true })
    await writeFile(node, '')
    expect(await lastingPath(node)).toBe(node)
    await mkdir(join(prefix, 'opt'))
    await symlink('../Cellar/node@24/24.9.0_1', join(prefix, 'opt/node@24'))
    expect(await lastingPath(node)).toBe(join(prefix, 'opt/node@24/bin/node'))
    // One that `brew` does not lead to is run by its own name.
    await rm(join(prefix, 'opt/node@24'))
    await symlink('../Cellar/node@24/24.10.0', join(prefix, 'opt/node@24'))
    expect(await lastingPath(node)).toBe(node)
    expect(await lastingPath('/usr/bin/node')).toBe('/usr/bin/node')
  })

  it("warns of npx's cache", () => {
    expect(cacheNote('/home/ann/.npm/_npx/3d19a/node_modules/byok/dist/cli/main.js')).toContain('npm install --global')
    expect(cacheNote('C:\\npm-cache\\_npx\\1\\main.js')).toContain('npm install --global')
    expect(cacheNote('/usr/lib/node_modules/byok/dist/cli/main.js')).toBeUndefined()
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
