import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { chmod, readdir, readlink } from 'node:fs/promises'
import { request } from 'node:http'
import type { Agent, IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { devNull } from 'node:os'
import { join } from 'node:path'

/*
 * How a process runs out of files, and how what it writes to can only be read.
 */

/** Asks a byok for a stream over a connection that stays open. */
export async function askOver(agent: Agent, url: string): Promise<{ status: number; text: string }> {
  const asking = request(`${url}/v1/chat/completions`, {
    agent,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
  })
  asking.end(JSON.stringify({ model: 'local/m', stream: true, messages: [{ role: 'user', content: 'Hi' }] }))
  const [response] = (await once(asking, 'response')) as [IncomingMessage]
  let text = ''
  for await (const piece of response.setEncoding('utf8')) text += String(piece)
  return { status: response.statusCode ?? 0, text }
}

/** Takes the right to write from a folder and all in it; from root, whom that would not stop, by being nobody meanwhile. */
export async function onlyReadable(folder: string): Promise<() => Promise<void>> {
  const root = process.geteuid?.() === 0
  const set = async (directory: number, file: number) => {
    await chmod(folder, directory)
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
      await chmod(join(entry.parentPath, entry.name), entry.isDirectory() ? directory : file)
    }
  }
  await set(0o555, 0o444)
  if (root) process.seteuid?.('nobody')
  return async () => {
    if (root) process.seteuid?.(0)
    await set(0o700, 0o600)
  }
}

/** Bounds the files that a process of Node's may have open to so many more than it has, or a few more. */
export async function allowMore(pid: number, count: number): Promise<void> {
  const open = new Set((await readdir(`/proc/${pid}/fd`)).map(Number))
  // The file that Node gives up to take a connection and refuse it (libuv src/unix/stream.c, `uv__emfile_trick`). In a process that
  // always had the bound it is within it.
  let aside = 0
  for (const fd of open) if (fd > 2 && (await readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')) === devNull) aside = fd
  let bound = 0
  // It is their numbers that are bounded, and not all of them are taken.
  for (let free = 0; free < count || bound <= aside; bound++) if (!open.has(bound)) free++
  execFileSync('prlimit', ['--pid', String(pid), `--nofile=${bound}:`])
}

/** Forty connections that ask for nothing, once the server has ended one of them for want of files. */
export async function exhaust(url: string): Promise<Socket[]> {
  const sockets = Array.from({ length: 40 }, () =>
    connect(Number(new URL(url).port), '127.0.0.1')
      .on('error', () => {})
      .resume(),
  )
  await Promise.any(sockets.map((socket) => once(socket, 'close')))
  return sockets
}
