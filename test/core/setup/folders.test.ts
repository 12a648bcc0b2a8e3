import { describe, expect, it } from 'vitest'
import { codexFolder, zedFolder } from '../../../src/core/setup/folders.ts'

describe('a tool’s folder', () => {
  it.each([
    ['linux', { XDG_CONFIG_HOME: '/xdg' }, '/xdg/zed'],
    ['linux', { XDG_CONFIG_HOME: 'xdg' }, undefined],
    ['linux', {}, undefined],
    ['darwin', { XDG_CONFIG_HOME: '/xdg' }, undefined],
    ['win32', { APPDATA: '/roaming', XDG_CONFIG_HOME: '/xdg' }, '/roaming/Zed'],
  ])('is where Zed looks on %s with %j', (platform, env, folder) => {
    expect(zedFolder(env, platform)).toBe(folder)
  })

  it('is not moved by an empty variable', () => {
    expect(codexFolder({ CODEX_HOME: '' }, 'linux')).toBeUndefined()
  })
})
