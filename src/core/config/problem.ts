import { distance } from 'fastest-levenshtein'

/** Where a piece of config was written. */
export interface Origin {
  /** A file as people write its path, an environment variable, a flag, or `createByok options`. */
  source: string
  /** Set for files only. From 1. */
  line?: number
  column?: number
}

/** One thing wrong with the config. */
export interface ConfigProblem extends Origin {
  /** Such as `providers.claude.base_url`; empty where no key is at fault. */
  key: string
  /** Never quotes a value, because it may be a secret. */
  message: string
  /** The valid name nearest to a wrong one. */
  nearest?: string
}

/** The config is wrong. The message names every problem with its file, line and key. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly problems: readonly ConfigProblem[]

  constructor(problems: readonly ConfigProblem[]) {
    const lines = problems.map(formatProblem)
    super(
      lines.length === 1
        ? (lines[0] ?? '')
        : `${lines.length} problems in the config:\n${lines.map((line) => `  ${line}`).join('\n')}`,
    )
    this.problems = problems
  }
}

export function formatOrigin({ source, line }: Origin): string {
  return line === undefined ? source : `${source}:${line}`
}

function formatProblem(problem: ConfigProblem): string {
  const place = problem.key === '' ? formatOrigin(problem) : `${formatOrigin(problem)}: ${problem.key}`
  return `${place}: ${problem.message}`
}

export type Path = readonly (string | number)[]

/** `providers.claude.api_keys[0].key`; names that would be misread are quoted. */
export function formatPath(path: Path): string {
  return path
    .map((part, index) => {
      if (typeof part === 'number') return `[${part}]`
      const name = part.length > 60 ? `${part.slice(0, 60)}…` : part
      if (!/^[\w-]+$/.test(name)) return index === 0 ? JSON.stringify(name) : `[${JSON.stringify(name)}]`
      return index === 0 ? name : `.${name}`
    })
    .join('')
}

/** Names that would reach an object's prototype. */
export function isUnsafeName(name: string): boolean {
  return name === '__proto__' || name === 'constructor' || name === 'prototype'
}

/** The candidate that `name` was most likely meant to be, if any is near. `apiKey` and `api-key` are next to `api_key`. */
export function nearestName(name: string, candidates: Iterable<string>): string | undefined {
  const wanted = fold(name.slice(0, 100))
  if (wanted === '') return undefined
  let best: { candidate: string; apart: number } | undefined
  for (const candidate of candidates) {
    const folded = fold(candidate)
    const apart = distance(wanted, folded)
    const allowed = Math.max(1, Math.floor(Math.min(wanted.length, folded.length) / 3) + 1)
    if (apart <= allowed && apart < folded.length && (!best || apart < best.apart)) best = { candidate, apart }
  }
  if (best) return best.candidate
  const words = [...candidates].filter((candidate) => candidate.toLowerCase().split(/[_-]/).includes(wanted))
  return words.length === 1 ? words[0] : undefined
}

function fold(name: string): string {
  return name.toLowerCase().replace(/[\s_-]/g, '')
}
