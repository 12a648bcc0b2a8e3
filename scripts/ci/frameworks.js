/**
 * Runs the examples that are files of an app, in apps: built and started by the frameworks themselves, or by another runtime. Each
 * must answer, hand on the first piece of a stream before the second is made, keep a slow client's pace, and stop the provider when
 * the client goes away.
 *
 * Usage: node frameworks.js WORK_FOLDER [NAME…]   (default: next nitro; bun, deno and workerd are installed where they are named)
 */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, request } from 'node:http'
import { createServer as createTcpServer } from 'node:net'
import { dirname, join, resolve } from 'node:path'
import { setTimeout as later } from 'node:timers/promises'
import { install } from './pack.js'

const root = resolve(import.meta.dirname, '../..')
const [shared = '.', ...named] = process.argv.slice(2)
const names = named.length > 0 ? named : ['next', 'nitro']
const PATIENCE = 60_000

/**
 * What each app is made of, and how it is built and started in its folder. No test needs these packages, which are as large as half of
 * all that do.
 */
const apps = {
  next: {
    packages: ['next@16', 'react@19', 'react-dom@19'],
    files: {
      'next.config.js':
        "export default { serverExternalPackages: ['byok'], typescript: { ignoreBuildErrors: true } }\n",
      'app/layout.js':
        "import { createElement as h } from 'react'\nexport default ({ children }) => h('html', null, h('body', null, children))\n",
    },
    example: ['next.ts', 'app/ai/[...byok]/route.ts'],
    build: ['node_modules/next/dist/bin/next', 'build'],
    start: (port) => ['node_modules/next/dist/bin/next', 'start', '-p', port, '-H', '127.0.0.1'],
  },
  nitro: {
    packages: ['nitro@3'],
    files: { 'nitro.config.js': "export default { serverDir: './', compatibilityDate: '2026-01-01' }\n" },
    example: ['nitro.ts', 'routes/ai/[...].ts'],
    build: ['node_modules/nitro/dist/cli/index.mjs', 'build'],
    start: () => ['.output/server/index.mjs'],
  },
  // Of the runtimes the packages that hold nothing but the binary.
  bun: {
    packages: ['@oven/bun-linux-x64@latest'],
    example: ['worker.ts', 'worker.ts'],
    program: 'node_modules/@oven/bun-linux-x64/bin/bun',
    start: () => ['run', 'worker.ts'],
  },
  deno: {
    packages: ['@deno/linux-x64-glibc@latest'],
    example: ['worker.ts', 'worker.ts'],
    program: 'node_modules/@deno/linux-x64-glibc/deno',
    start: (port) => ['serve', '-A', '--host', '127.0.0.1', '--port', port, 'worker.ts'],
  },
  // Cloudflare's. It takes one file, and byok's page is files beside it.
  workerd: {
    packages: ['@cloudflare/workerd-linux-64@latest'],
    example: ['worker.ts', 'worker.ts'],
    files: {
      'none.js': 'export default {}\n',
      'bundle.js': `import { build } from ${JSON.stringify(join(root, 'node_modules/esbuild/lib/main.js'))}
// What is loaded by need alone, and is not there: of an import that a bundler makes one of the beginning, a module in its place.
const external = ['@opentelemetry/*', 'pg', '@libsql/client']
const alias = Object.fromEntries(['better-sqlite3', '@napi-rs/keyring', 'ioredis'].map((name) => [name, './none.js']))
const conditions = ['workerd', 'worker']
const options = { bundle: true, format: 'esm', platform: 'node', external, alias, conditions }
await build({ entryPoints: ['worker.ts'], outfile: 'bundle.mjs', ...options })
`,
      'config.capnp': `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .byok), (name = "internet", network = (allow = ["private"]))],
  sockets = [(name = "http", http = (), service = "main")],
);
const byok :Workerd.Worker = (
  modules = [(name = "bundle.mjs", esModule = embed "bundle.mjs")],
  compatibilityDate = "2026-04-01",
  compatibilityFlags = ["nodejs_compat"],
  bindings = [
    (name = "OPENAI_API_KEY", fromEnvironment = "OPENAI_API_KEY"),
    (name = "OPENAI_BASE_URL", fromEnvironment = "OPENAI_BASE_URL"),
  ],
);
`,
    },
    build: ['bundle.js'],
    program: 'node_modules/@cloudflare/workerd-linux-64/bin/workerd',
    start: (port) => ['serve', 'config.capnp', '--socket-addr', `http=127.0.0.1:${port}`],
    lacks: ['has its page'],
  },
}

/** A provider that says one piece, waits for `gate`, says `more` pieces of 64 KB as fast as they are taken, and ends. */
async function startProvider() {
  const provider = {
    url: '',
    gate: Promise.resolve(),
    more: 0,
    written: 0,
    left: Promise.resolve(),
    close: () => server.close(),
  }
  const server = createServer(async (incoming, response) => {
    incoming.resume()
    if (incoming.url.endsWith('/models')) return void response.end('{"object":"list","data":[]}')
    provider.left = new Promise((done) => response.once('close', () => done(!response.writableFinished)))
    const gone = once(response, 'close')
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(piece({ role: 'assistant', content: 'one' }))
    await Promise.race([provider.gate, gone])
    for (provider.written = 0; provider.written < provider.more && !response.destroyed; provider.written++) {
      if (!response.write(piece({ content: 'x'.repeat(65_536) }))) await Promise.race([drained(response), gone])
    }
    response.write(piece({}, 'stop'))
    response.end('data: [DONE]\n\n')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  provider.url = `http://127.0.0.1:${server.address().port}/v1`
  return provider
}

function drained(response) {
  return new Promise((done) => response.once('drain', done))
}

function piece(delta, finish_reason = null) {
  const choices = [{ index: 0, delta, finish_reason }]
  return `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'gpt-4o', choices })}\n\n`
}

async function ask(base) {
  const asking = request(`${base}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
  })
  asking.end(JSON.stringify({ model: 'gpt-4o', stream: true, messages: [{ role: 'user', content: 'Größe 👋' }] }))
  const [answer] = await once(asking, 'response')
  return answer
}

async function read(answer) {
  let text = ''
  for await (const chunk of answer) text += chunk
  return text
}

async function firstPiece(answer) {
  const [chunk] = await once(answer, 'data')
  answer.pause()
  must(String(chunk).includes('"one"'), `${answer.statusCode} ${chunk}`)
}

function must(held, what) {
  if (!held) throw new Error(what)
}

/** What is asked of every app, by its base URL. */
const checks = {
  async answers(base) {
    const models = await fetch(`${base}/v1/models`)
    must(models.status === 200 && (await models.text()).includes('gpt-4o'), `models: ${models.status}`)
    const wrong = await fetch(`${base}/v1/chat/completions`, {
      method: 'POST',
      body: '{"model":"none","messages":[]}',
    })
    must(wrong.status === 404 && (await wrong.json()).error.code === 'model_not_found', `no model: ${wrong.status}`)
  },
  async 'has its page'(base) {
    for (const path of ['/ui', '/ui/app.js', '/ui/app.css']) {
      const { status } = await fetch(`${base}${path}`)
      must(status === 200, `${path}: ${status}`)
    }
  },
  async streams(base, provider) {
    const { promise, resolve: open } = Promise.withResolvers?.() ?? deferred()
    Object.assign(provider, { gate: promise, more: 1 })
    const answer = await ask(base)
    await firstPiece(answer)
    must(provider.written === 0, 'the second piece was made before the first arrived')
    open()
    must((await read(answer)).endsWith('data: [DONE]\n\n'), 'the stream has no end')
  },
  async 'keeps the pace of a slow client'(base, provider) {
    // More than all the sockets on the way hold.
    const pieces = 1600
    Object.assign(provider, { gate: Promise.resolve(), more: pieces, written: 0 })
    const answer = await ask(base)
    await firstPiece(answer)
    for (let before = -1; provider.written !== before; await later(500)) before = provider.written
    must(provider.written < pieces, 'it read all that a client did not')
    must((await read(answer)).length > pieces * 65_536, 'the stream was cut')
  },
  async 'stops the provider'(base, provider) {
    Object.assign(provider, { gate: new Promise(() => {}), more: 1 })
    const answer = await ask(base)
    await firstPiece(answer)
    answer.destroy()
    must(await provider.left, 'the provider went on')
  },
}

function deferred() {
  let open
  const promise = new Promise((done) => (open = done))
  return { promise, resolve: open }
}

async function freePort() {
  const server = createTcpServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return String(port)
}

async function within(promise, what) {
  const late = later(PATIENCE, undefined, { ref: false }).then(() => {
    throw new Error(`${what}: nothing for ${PATIENCE / 1000} s`)
  })
  return await Promise.race([promise, late])
}

function write(path, content) {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), content)
}

async function run(name) {
  const { files = {}, example, program, build, start, lacks = [] } = apps[name]
  for (const [path, content] of Object.entries(files)) write(path, content)
  write(example[1], readFileSync(join(root, 'examples', example[0])))

  const provider = await startProvider()
  const port = await freePort()
  const env = {
    ...process.env,
    HOME: home,
    HOST: '127.0.0.1',
    PORT: port,
    NEXT_TELEMETRY_DISABLED: '1',
    OPENAI_API_KEY: 'sk-test',
    OPENAI_BASE_URL: provider.url,
    BYOK_PROVIDERS__CODEX__BASE_URL: provider.url,
  }
  const binary = program ? join(folder, program) : process.execPath
  // What it says is in the error, where there is one.
  if (build) execFileSync(process.execPath, build, { cwd: folder, env, stdio: ['ignore', 'ignore', 'pipe'] })
  const child = spawn(binary, start(port), { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text))
  try {
    const base = `http://127.0.0.1:${port}/ai`
    await within(untilUp(`${base}/health`, child), 'start')
    const held = Object.entries(checks).filter(([what]) => !lacks.includes(what))
    for (const [what, check] of held) await within(check(base, provider), what)
    console.log(`${name}: ${held.map(([what]) => what).join(', ')}`)
  } catch (error) {
    console.log(`${name} failed: ${error.message}\n${output}`)
    process.exitCode = 1
  } finally {
    child.kill('SIGKILL')
    provider.close()
  }
}

async function untilUp(url, child) {
  while (child.exitCode === null) {
    const up = await fetch(url).then(
      ({ ok }) => ok,
      () => false,
    )
    if (up) return
    await later(100)
  }
  throw new Error(`it ended with ${child.exitCode}`)
}

const wanted = names.flatMap((name) => apps[name].packages)
const folder = install(root, resolve(shared), wanted)
const home = mkdtempSync(join(resolve(shared), 'home-'))
for (const name of names) await run(name)
process.exit()
