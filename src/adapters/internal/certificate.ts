import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { createSecureContext } from 'node:tls'
import type { Config } from '../../core/config/index.ts'
import { codeOf, reasonOf } from '../../core/log/fault.ts'
import { expandHome } from '../../core/home.ts'
import { ListenError } from './listen-error.ts'

/** PEM. */
export interface Certificate {
  cert: string
  key: string
  passphrase?: string
}

/** What names a certificate, in config's `server.tls`. */
export type NamedCertificate = Exclude<Config['server']['tls'], boolean | undefined>

/** @throws {ListenError} of the settings, where a file cannot be read or the two are no certificate */
export async function readCertificate({ cert, key, passphrase }: NamedCertificate): Promise<Certificate> {
  const certificate = {
    cert: await readPem('cert', cert),
    key: await readPem('key', key),
    ...(passphrase && { passphrase: passphrase.reveal() }),
  }
  try {
    createSecureContext(certificate)
  } catch (error) {
    throw new ListenError(
      `server.tls names no certificate that can be used: ${reasonOf(error)}. \`cert\` and \`key\` are PEM files that belong together; a key that is encrypted needs its \`passphrase\`.`,
      { setting: true, cause: error },
    )
  }
  return certificate
}

async function readPem(name: 'cert' | 'key', file: string): Promise<string> {
  const path = resolve(expandHome(file, process.env['HOME']))
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new ListenError(
      `server.tls.${name} names ${path}, which cannot be read (${codeOf(error) ?? reasonOf(error)}).`,
      { setting: true, cause: error },
    )
  })
  // Without a key at all Node serves as well, and no client comes through.
  if (text.includes('-----BEGIN ')) return text
  throw new ListenError(`server.tls.${name} names ${path}, which is no PEM file.`, { setting: true })
}
