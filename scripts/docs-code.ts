/**
 * Type-checks the programs in the documentation: each block of `ts` or `js` in README and `docs/`, as a module of its own; one of
 * `javascript` is left out, as that for Nuxt, whose h3 is another than byok's. Run:
 * `npm run typecheck:docs`
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** What a block may take from the text around it. */
const AROUND = `
declare const byok: import('byok').Byok
declare const app: import('express').Express
declare const acme: import('byok').Plugin
declare const startFakeAcme: () => Promise<import('byok/testing').FakeProvider>
declare const OpenAI: typeof import('openai').default
declare const generateText: typeof import('ai').generateText
declare const afterAll: typeof import('vitest').afterAll
declare const test: typeof import('vitest').test
`

/** The blocks by the files they are checked as, each on the lines it has in its page. */
function blocks(): Map<string, string> {
  const pages = readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md') && !/^(api|\.vitepress)\b/.test(path))
    .map((path) => `docs/${path}`)
  const found = new Map<string, string>()
  for (const page of ['README.md', ...pages]) {
    const text = readFileSync(join(ROOT, page), 'utf8')
    for (const { 1: code = '', index } of text.matchAll(/^```(?:ts|js)\n([^]*?)^```$/gm)) {
      const above = text.slice(0, index).split('\n').length
      found.set(join(ROOT, `${page}.${above}.ts`), `${'\n'.repeat(above)}${code}\nexport {}\n`)
    }
  }
  return found
}

function check(): string[] {
  const programs = blocks()
  const around = join(ROOT, 'around.d.ts')
  const files = new Map([...programs, [around, AROUND]])
  const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.json'), ts.sys.readFile) as { config: object }
  const { options } = ts.parseJsonConfigFileContent({ ...config, files: [] }, ts.sys, ROOT)
  // People write `choices[0].message`.
  const host = ts.createCompilerHost({ ...options, noUncheckedIndexedAccess: false })
  const { fileExists, readFile, getSourceFile } = host
  host.fileExists = (path) => files.has(path) || fileExists(path)
  host.readFile = (path) => files.get(path) ?? readFile(path)
  host.getSourceFile = (path, languageVersion, ...rest) => {
    const text = files.get(path)
    return text === undefined
      ? getSourceFile(path, languageVersion, ...rest)
      : ts.createSourceFile(path, text, languageVersion)
  }
  const program = ts.createProgram([...files.keys()], { ...options, noUncheckedIndexedAccess: false }, host)
  return [...programs.keys()].flatMap((path) => {
    const source = program.getSourceFile(path)
    const faults = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)]
    return faults.map(({ file, start = 0, messageText }) => {
      const line = (file?.getLineAndCharacterOfPosition(start).line ?? 0) + 1
      const page = path.slice(ROOT.length).replace(/\.\d+\.ts$/, '')
      return `${page}:${line}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`
    })
  })
}

const faults = check()
for (const fault of faults) console.error(fault)
if (faults.length > 0) process.exitCode = 1
